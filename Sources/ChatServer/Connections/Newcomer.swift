package import ChatProtocol
package import EventLoop

/// A connection that was accepted, on its way to the event loop that will serve it.
package struct Newcomer: Sendable {
    /// Unique in the process.
    let serial: UInt64
    let socket: Socket
    let peer: SocketAddress
    let transport: TransportFactory
    /// Why it is told to go, if it is.
    let refusal: ProtocolError?

    package init(
        serial: UInt64, socket: Socket, peer: SocketAddress, transport: TransportFactory, refusal: ProtocolError? = nil
    ) {
        self.serial = serial
        self.socket = socket
        self.peer = peer
        self.transport = transport
        self.refusal = refusal
    }
}
