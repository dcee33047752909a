import FlowControl

/// A receiver that says nothing, and reads in its own way.
final class Reader: Peer {
    init(
        _ world: World, _ name: String, isTLS: Bool = false, group: PeerGroup? = nil, reading: Reading,
        receiveBuffer: Int = 128 << 10, isAttentive: Bool = true
    ) {
        super.init(
            world, name, isTLS: isTLS, group: group, reading: reading, receiveBuffer: receiveBuffer,
            isAttentive: isAttentive)
        say("LOGIN \(name)\n")
    }
}
