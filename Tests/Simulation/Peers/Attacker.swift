import FlowControl

/// Says the same again and again: as fast as the server takes it, or at a rate.
final class Attacker: Peer {
    private static let blockSize = 16 << 10

    /// The text, or as many repetitions as make a block.
    private let block: [UInt8]
    private let isUnlimited: Bool
    private var isSaying = true

    /// `rate` is in repetitions a second; `nil`: as fast as the server takes them.
    init(
        _ world: World, _ name: String, login: Bool = true, isTLS: Bool = false, group: PeerGroup? = nil,
        reading: Reading = .everything, recordSize: Int = 16 << 10, saying text: String, rate: Double? = nil
    ) {
        isUnlimited = rate == nil
        let repetitions = rate == nil ? max(Self.blockSize / max(text.utf8.count, 1), 1) : 1
        block = Array(String(repeating: text, count: repetitions).utf8)
        super.init(
            world, name, isTLS: isTLS, group: group, reading: reading, recordSize: recordSize, isAttentive: false)
        if login { say("LOGIN \(name)\n") }
        guard !block.isEmpty else { return }
        if let rate { repeats(every: Nanoseconds(1e9 / rate)) } else { sent() }
    }

    /// Says nothing more. What is in kernels is still read by the server.
    func stop() {
        isSaying = false
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
