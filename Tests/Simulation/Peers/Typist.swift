import FlowControl

/// Types a line every now and then, and asks for PONGs: notices how long both take.
final class Typist: Peer {
    private var said: [String: Nanoseconds] = [:]
    private var asked: [Nanoseconds] = []
    private var number = 0
    private(set) var delays: [Nanoseconds] = []
    private(set) var isIn = false
    private let interval: ClosedRange<UInt64>

    init(_ world: World, _ name: String, isTLS: Bool, group: PeerGroup?, every interval: ClosedRange<UInt64>) {
        self.interval = interval
        super.init(world, name, isTLS: isTLS, group: group)
        say("LOGIN \(name)\n")
        type()
        ask()
    }

    /// What it still waits for counts as long as it has waited.
    var allDelays: [Nanoseconds] { delays + (said.values + asked).map { world.now > $0 ? world.now - $0 : 0 } }

    private func type() {
        world.after(.random(in: interval, using: &world.random) * 1_000_000) { [self] in
            guard !hasEnded else { return }
            number += 1
            let text = "\(number) " + String(repeating: "t", count: .random(in: 5...50, using: &world.random))
            said["MSG \(name) \(text)"] = world.now
            say("MSG \(text)\n")
            type()
        }
    }

    private func ask() {
        world.after(.random(in: 200...1_000, using: &world.random) * 1_000_000) { [self] in
            guard !hasEnded else { return }
            asked.append(world.now)
            say("PING\n")
            ask()
        }
    }

    override func received(_ line: String) {
        if line == "OK" { isIn = true }
        if line == "PONG", !asked.isEmpty { delays.append(world.now - asked.removeFirst()) }
        if let time = said.removeValue(forKey: line) { delays.append(world.now - time) }
    }
}
