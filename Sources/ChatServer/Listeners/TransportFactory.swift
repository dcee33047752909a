package import ChatTransport
package import EventLoop

/// Makes the transports of a listener's connections. Safe on any thread.
package struct TransportFactory: Sendable {
    let kind: TransportKind
    private let make: @Sendable (Socket) -> any Transport

    /// One of a kind, for the log, that `make` makes over an accepted connection's socket.
    package init(_ kind: TransportKind, make: @escaping @Sendable (Socket) -> any Transport) {
        self.kind = kind
        self.make = make
    }

    static let plain = Self(.plain) { PlainTransport($0) }

    static func tls(_ context: ReloadableTLSContext) -> Self {
        Self(.tls) { socket in
            OpenSSLTransport(socket, context.current) { line in
                PlaintextAnswer.bytes(to: line, at: socket.localAddress)
            }
        }
    }

    /// The transport of an accepted connection, for the event loop that will serve it.
    func makeTransport(_ socket: Socket) -> any Transport { make(socket) }
}
