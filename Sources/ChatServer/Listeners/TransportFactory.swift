import ChatProtocol
package import ChatTransport
package import EventLoop

/// Makes the transports of a listener's connections. Safe on any thread.
package struct TransportFactory: Sendable {
    package let kind: TransportKind
    /// The transport of an accepted connection, for the event loop that will serve it.
    package let makeTransport: @Sendable (Socket) -> any Transport

    /// One of a kind, for the log, that `makeTransport` makes over an accepted connection's socket.
    package init(_ kind: TransportKind, makeTransport: @escaping @Sendable (Socket) -> any Transport) {
        self.kind = kind
        self.makeTransport = makeTransport
    }

    static let plain = Self(.plain) { PlainTransport($0) }

    static func tls(_ context: ReloadableTLSContext) -> Self {
        Self(.tls) { socket in
            OpenSSLTransport(socket, context.current) { line in
                // PROTOCOL.md, "The wrong protocol on a port".
                let isHTTP = Command(line) == .httpRequest
                return Reply.error(isHTTP ? .unknownCommand : .speaksTLS(address: "\(socket.localAddress)")).bytes
            }
        }
    }
}
