package import ChatProtocol
package import ChatTransport
package import EventLoop
package import FlowControl

/// A connection that was accepted, on its way to the event loop that will serve it.
package struct AcceptedConnection: Sendable {
    /// Unique in the process.
    let serial: UInt64
    let descriptor: CInt
    let peer: SocketAddress
    /// Who shares its limits by address.
    let group: PeerGroup
    let transportKind: TransportKind
    /// Why it is rejected, if it is.
    let rejection: ProtocolError?
    /// Its transport, for the event loop that will serve it.
    let makeTransport: @Sendable () -> any Transport

    /// A connection on a socket, which its transport keeps open.
    package init(
        serial: UInt64, socket: Socket, peer: SocketAddress, group: PeerGroup, transport: TransportFactory,
        rejection: ProtocolError? = nil
    ) {
        self.init(
            serial: serial, descriptor: socket.descriptor, peer: peer, group: group, transportKind: transport.kind,
            rejection: rejection, makeTransport: { transport.makeTransport(socket) })
    }

    /// A connection on a descriptor that its transport keeps open.
    package init(
        serial: UInt64, descriptor: CInt, peer: SocketAddress, group: PeerGroup, transportKind: TransportKind,
        rejection: ProtocolError? = nil, makeTransport: @escaping @Sendable () -> any Transport
    ) {
        self.serial = serial
        self.descriptor = descriptor
        self.peer = peer
        self.group = group
        self.transportKind = transportKind
        self.rejection = rejection
        self.makeTransport = makeTransport
    }
}
