import FlowControl

/// Pastes lines, and reads everything.
final class Paster: Peer {
    private let count: Int
    private var echoes = 0
    private let prefix: [UInt8]
    private let begin: Nanoseconds
    /// The bytes of its lines as the room receives them.
    let size: Int
    /// How long the paste took, once its last echo has come.
    private(set) var duration: Nanoseconds?

    init(_ world: World, _ name: String, isTLS: Bool, group: PeerGroup?, lines: Int, length: Int) {
        count = lines
        begin = world.now
        prefix = Array("MSG \(name) ".utf8)
        size = lines * (prefix.count + 7 + length)
        super.init(world, name, isTLS: isTLS, group: group)
        say("LOGIN \(name)\n")
        let text = String(repeating: "p", count: length)
        var paste: [UInt8] = []
        for line in 0..<lines { paste += Array("MSG \(line) \(text)\n".utf8) }
        say(paste)
    }

    /// How many of its lines have not come back.
    var missing: Int { count - echoes }

    override func received(_ line: UnsafeBufferPointer<UInt8>, hash: UInt64) {
        guard line.starts(with: prefix) else { return }
        echoes += 1
        if echoes == count { duration = world.now - begin }
    }
}
