import ChatProtocol
public import ChatState
public import FlowControl

/// An event loop that carries out the order's decisions as the server's event loops do, without sockets.
public final class SocketlessLoop {
    private let index: Int
    private let order: LocalOrder
    private let listPiece: Int
    private var clients: [SocketlessClient] = []
    private var readers: [LogReader] = []
    private var report = LoopReport()
    private var scratch: [UInt8] = []
    /// The clients were told that the order is closed.
    private var isClosed = false

    /// `listPiece` is the most that an answer to WHO produces at a time, in bytes.
    public init(_ index: Int, of order: LocalOrder, listPiece: Int = 64) {
        (self.index, self.order, self.listPiece) = (index, order, listPiece)
    }

    /// Connects a new client. Its number is unique among the clients of all loops.
    public func connect(_ number: UInt64, of group: PeerGroup? = nil) -> SocketlessClient {
        let connection = ConnectionID(loop: index, number: number)
        let session = Session(connection, group: group ?? .connection(number), in: order)
        clients.append(SocketlessClient(connection, session))
        return clients[clients.count - 1]
    }

    /// Collects, and sends all output to clients that are not stalled, `chunk` bytes at a time. Returns the order's answer.
    @discardableResult
    public func turn(chunk: Int = .max) -> Collection {
        var collection = collect()
        for client in clients where !client.isStalled { send(to: client, chunk) }
        // Reports the sent output to the order.
        let later = collect()
        collection.mayContinue = collection.mayContinue || later.mayContinue
        for reader in readers { reader.release() }
        return collection
    }

    /// Collects, and sends nothing yet.
    @discardableResult
    public func collect() -> Collection {
        noteNeeds()
        var effects = Effects()
        let collection = order.collect(for: index, into: &effects, &readers, &report)
        for entry in effects.entries {
            guard let client = clients.first(where: { $0.connection.number == entry.connection }) else { continue }
            client.output.apply(entry, effects.bytes.span, readers)
            if case .direct = entry.kind { report.tried.append(entry.connection) }
            if case .left(isExpelled: true) = entry.kind {
                client.session.end()
                client.hasEnded = true
            }
        }
        if collection.isClosed, !isClosed {
            isClosed = true
            for client in clients where !client.hasEnded {
                client.output.append(lastLines: Reply.shuttingDown.bytes)
            }
        }
        return collection
    }

    private func noteNeeds() {
        for reader in readers { reader.needs = LogNeeds() }
        for client in clients {
            client.output.forEachNeededPosition { reader, position, _ in
                reader.needs.all = min(reader.needs.all, position)
            }
        }
        for reader in readers { reader.needs.healthy = reader.needs.all }
    }

    private func send(to client: SocketlessClient, _ chunk: Int) {
        while !client.output.isEmpty {
            let written = client.output.send(
                through: &scratch, produce: { [order, listPiece] in order.produce(&$0, limit: listPiece) },
                delivered: { report.delivered.append((client.connection.number, $0)) },
                { bytes in
                    let count = min(bytes.count, chunk)
                    bytes.withUnsafeBufferPointer { client.received += $0.prefix(count) }
                    return count
                })
            if written.count == 0 { break }
        }
    }
}
