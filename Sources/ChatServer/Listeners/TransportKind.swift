import ChatTransport
import EventLoop

/// The transports that a listener can have; the raw value is the scheme in its URL.
public enum TransportKind: String, CaseIterable, Sendable {
    case plain

    /// The transport of an accepted connection, for the event loop that will serve it.
    func makeTransport(_ socket: Socket) -> any Transport {
        switch self {
        case .plain: PlainTransport(socket)
        }
    }
}
