import FlowControl

/// Connects, logs in, measures how long that took, and leaves.
final class Visitor: Peer {
    private let begin: Nanoseconds
    private var delay: Nanoseconds?

    init(_ world: World, _ name: String, isTLS: Bool, group: PeerGroup?) {
        begin = world.now
        super.init(world, name, isTLS: isTLS, group: group)
        say("LOGIN \(name)\n")
    }

    /// How long the LOGIN took, or has taken up to now.
    var waited: Nanoseconds { delay ?? (world.now - begin) }

    override func received(_ line: UnsafeBufferPointer<UInt8>, hash: UInt64) {
        guard hash == LineHash.ok, delay == nil else { return }
        delay = world.now - begin
        say("EXIT\n")
    }
}
