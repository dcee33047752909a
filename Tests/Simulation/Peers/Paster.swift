import FlowControl

/// Pastes lines, and reads everything.
final class Paster: Peer {
    private let count: Int
    private(set) var echoes = 0
    private let begin: Nanoseconds
    /// How long the paste took, once its last echo has come.
    private(set) var duration: Nanoseconds?

    init(_ world: World, _ name: String, isTLS: Bool, group: PeerGroup?, lines: Int, length: Int) {
        count = lines
        begin = world.now
        super.init(world, name, isTLS: isTLS, group: group)
        say("LOGIN \(name)\n")
        let text = String(repeating: "p", count: length)
        for line in 0..<lines { say("MSG \(line) \(text)\n") }
    }

    override func received(_ line: String) {
        guard line.hasPrefix("MSG \(name) ") else { return }
        echoes += 1
        if echoes == count { duration = world.now - begin }
    }
}
