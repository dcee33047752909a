import ChatState
import FlowControl
import FuzzSupport

/// One connection: what it has received, as its server would have sent it, and what it must have received.
final class Client {
    let connection: ConnectionID
    let session: Session
    /// The names in its certificate, if it has one.
    let owned: [String]?
    var output = Output()
    private(set) var received: [UInt8] = []
    var expected: [UInt8] = []
    /// LOGINs that it may still send at once.
    var logins = 10
    /// Whether nothing is read from it any more.
    var hasEnded = false

    init(_ connection: ConnectionID, owning owned: [String]?, in order: LocalOrder) {
        self.connection = connection
        self.owned = owned
        session = Session(connection, group: .connection(connection.number), in: order)
        if let owned { session.identify(by: owned) }
    }

    func apply(_ entry: Effects.Entry, of effects: Effects, _ readers: [LogReader]) {
        output.apply(entry, effects.bytes.span, readers)
        guard case .expelled = entry.kind else { return }
        session.end()
        hasEnded = true
    }

    /// Takes everything that is sent, `chunk` bytes at a time.
    func receive(from order: LocalOrder, chunk: Int) -> [DirectSender] {
        var scratch: [UInt8] = []
        var delivered: [DirectSender] = []
        while !output.isEmpty {
            _ = output.send(
                through: &scratch, produce: { order.produce(&$0, limit: 16) }, delivered: { delivered.append($0) },
                { bytes in
                    let count = min(bytes.count, chunk)
                    bytes.withUnsafeBufferPointer { received += $0.prefix(count) }
                    return count
                })
        }
        require(received.isEmpty || received.last == UInt8(ascii: "\n"), "What is sent is whole lines")
        return delivered
    }
}
