import TestSupport

/// A client that says something, and then that nothing follows, as soon as it can.
final class Client {
    private let connection: ClientConnection
    private var says: [UInt8]
    private var isEstablished = false

    init(_ connection: ClientConnection, saying says: [UInt8]) {
        self.connection = connection
        self.says = says
    }

    /// Does what it can with what has come. Where the server has refused it, that is nothing.
    func takeTurn() {
        if !isEstablished {
            guard case .bytes = connection.handshake() else { return }
            isEstablished = true
        }
        if !says.isEmpty, case .bytes = says.withUnsafeBytes({ connection.write($0) }) {
            says = []
            _ = connection.sendCloseNotify()
        }
    }
}
