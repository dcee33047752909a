import ChatProtocol
import EventLoop

/// A connection that was accepted, on its way to the event loop that will serve it.
struct Newcomer: Sendable {
    /// Unique in the process.
    let serial: UInt64
    let socket: Socket
    let peer: String
    let transport: TransportFactory
    /// Why it is told to go, if it is.
    let refusal: ProtocolError?
}
