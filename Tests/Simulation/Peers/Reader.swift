import FlowControl

/// An honest receiver that says nothing, and reads in its own way.
final class Reader: Peer {
    init(
        _ world: World, _ name: String, isTLS: Bool = false, group: PeerGroup? = nil, reading: Reading,
        receiveBuffer: Int = 128 << 10
    ) {
        super.init(world, name, isTLS: isTLS, group: group, reading: reading, receiveBuffer: receiveBuffer)
        say("LOGIN \(name)\n")
    }
}
