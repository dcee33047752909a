package import ChatProtocol
package import ChatTransport
package import EventLoop
package import FlowControl

/// A connection that was accepted, on its way to the event loop that will serve it.
package struct AcceptedConnection: Sendable {
    let origin: Origin
    /// Its transport, for the event loop that will serve it.
    let makeTransport: @Sendable () -> any Transport

    /// A connection on a socket, which its transport keeps open.
    package init(
        serial: UInt64, socket: Socket, peer: SocketAddress, group: PeerGroup, transport: TransportFactory,
        rejection: ProtocolError? = nil
    ) {
        self.init(
            Origin(
                serial: serial, descriptor: socket.descriptor, peer: peer, group: group,
                transportKind: transport.kind, rejection: rejection),
            makeTransport: { transport.makeTransport(socket) })
    }

    /// A connection on a descriptor that its transport keeps open.
    package init(_ origin: Origin, makeTransport: @escaping @Sendable () -> any Transport) {
        self.origin = origin
        self.makeTransport = makeTransport
    }
}
