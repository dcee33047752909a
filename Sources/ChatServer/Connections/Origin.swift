package import ChatProtocol
package import EventLoop
package import FlowControl

/// The origin of a connection.
package struct Origin: Sendable {
    /// Unique in the process.
    let serial: UInt64
    let descriptor: CInt
    let peer: SocketAddress
    /// The group of connections that share its limits by address.
    let group: PeerGroup
    let transportKind: TransportKind
    /// Why it is rejected, if it is.
    let rejection: ProtocolError?

    package init(
        serial: UInt64, descriptor: CInt, peer: SocketAddress, group: PeerGroup, transportKind: TransportKind,
        rejection: ProtocolError? = nil
    ) {
        self.serial = serial
        self.descriptor = descriptor
        self.peer = peer
        self.group = group
        self.transportKind = transportKind
        self.rejection = rejection
    }
}
