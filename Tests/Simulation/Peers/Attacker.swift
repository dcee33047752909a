import FlowControl

/// Sends the same text again and again: as fast as the server reads it, or at a rate.
final class Attacker: Peer {
    private static let blockSize = 16 << 10

    /// The text, or as many repetitions as make a block.
    private let block: [UInt8]
    private let isUnlimited: Bool
    private var isSaying = true
    override var isAddressed: Bool { isVictim }
    private let isVictim: Bool

    /// `rate` is in repetitions a second; `nil`: as fast as the server takes them.
    init(
        _ world: World, _ name: String, login: Bool = true, isTLS: Bool = false, group: PeerGroup? = nil,
        reading: Reading = .everything, receiveBuffer: Int = 128 << 10, recordSize: Int = 16 << 10,
        isAddressed: Bool = false, saying text: String,
        rate: Double? = nil
    ) {
        isUnlimited = rate == nil
        isVictim = isAddressed
        let repetitions = rate == nil ? max(Self.blockSize / max(text.utf8.count, 1), 1) : 1
        block = Array(String(repeating: text, count: repetitions).utf8)
        super.init(
            world, name, isTLS: isTLS, group: group, reading: reading, receiveBuffer: receiveBuffer,
            recordSize: recordSize, isAttentive: false)
        if login { say("LOGIN \(name)\n") }
        guard !block.isEmpty else { return }
        if let rate { repeats(every: Nanoseconds(1e9 / rate)) } else { sent() }
    }

    /// Stops sending, and discards input that the server has not read yet: otherwise the attack would last until it is read.
    func stop() {
        isSaying = false
        takeBack()
    }

    override func sent() {
        if isUnlimited, isSaying, !hasEnded, connection.closedAt == nil, !block.isEmpty { say(block) }
    }

    private func repeats(every interval: Nanoseconds) {
        guard isSaying, !hasEnded, connection.closedAt == nil else { return }
        if unsent < 1 << 16 { say(block) }
        world.after(interval) { [self] in repeats(every: interval) }
    }
}
