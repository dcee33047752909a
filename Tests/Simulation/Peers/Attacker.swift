import FlowControl

/// Says the same again and again: as fast as the server takes it, or at a rate.
final class Attacker: Peer {
    private let text: String
    private var isSaying = true

    /// `rate` is in repetitions a second; `nil`: as fast as the server takes them.
    init(
        _ world: World, _ name: String, login: Bool = true, isTLS: Bool = false, group: PeerGroup? = nil,
        reading: Reading = .everything, recordSize: Int = 16 << 10, saying text: String, rate: Double? = nil
    ) {
        self.text = text
        super.init(
            world, name, isTLS: isTLS, group: group, reading: reading, recordSize: recordSize, isAttentive: false)
        if login { say("LOGIN \(name)\n") }
        guard !text.isEmpty else { return }
        if let rate {
            repeats(every: Nanoseconds(1e9 / rate))
        } else {
            fill()
        }
    }

    private func repeats(every interval: Nanoseconds) {
        guard !hasEnded else { return }
        if unsent < 1 << 16 { say(text) }
        world.after(interval) { [self] in repeats(every: interval) }
    }

    private func fill() {
        guard !hasEnded else { return }
        while unsent < 1 << 15 { say(text) }
        world.after(1_000_000) { [self] in fill() }
    }
}
