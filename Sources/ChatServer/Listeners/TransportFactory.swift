import ChatTransport
import EventLoop

/// Makes the transports of a listener's connections. Safe on any thread.
enum TransportFactory: Sendable {
    case plain
    case tls(ReloadableTLSContext)

    var kind: TransportKind {
        switch self {
        case .plain: .plain
        case .tls: .tls
        }
    }

    /// The transport of an accepted connection, for the event loop that will serve it.
    func makeTransport(_ socket: Socket) -> any Transport {
        switch self {
        case .plain: PlainTransport(socket)
        case .tls(let context):
            OpenSSLTransport(socket, context.current) { line in
                PlaintextAnswer.bytes(to: line, at: socket.localAddress)
            }
        }
    }
}
