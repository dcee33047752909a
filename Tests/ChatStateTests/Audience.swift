import ChatProtocol
import ChatState
import FlowControl

/// A chat with its connections, each on one of a few event loops, and what each connection was sent.
///
/// Carries out effects as a server does, without sockets.
final class Audience {
    final class Client {
        let connection: ConnectionID
        fileprivate let session: Session
        fileprivate var output = Output()
        fileprivate var received: [UInt8] = []
        fileprivate(set) var hasEnded = false
        /// What became of the last line.
        fileprivate(set) var outcome = Session.Outcome.continues(Session.Work())

        fileprivate init(_ connection: ConnectionID, group: PeerGroup, in order: LocalOrder) {
            self.connection = connection
            session = Session(connection, group: group, in: order)
        }

        fileprivate func receive(_ line: [UInt8], at now: Nanoseconds) {
            guard !hasEnded else { return }
            outcome = session.receive(line.span, at: now)
            hasEnded = outcome == .ends
        }

        fileprivate func receiveTooLong() {
            _ = session.receiveTooLong()
        }
    }

    let order: LocalOrder
    var now = Nanoseconds.seconds(1)
    private var readers: [[LogReader]]
    private var clients: [Client] = []
    private var scratch: [UInt8] = []
    /// Clients that take nothing from the server.
    var stalled: Set<ConnectionID> = []

    init(loops: Int = 2, limits: OrderLimits = OrderLimits()) {
        order = LocalOrder(loops: loops, limits: limits)
        readers = Array(repeating: [], count: loops)
    }

    func connect(of group: PeerGroup? = nil) -> Client {
        let number = UInt64(clients.count)
        let connection = ConnectionID(loop: clients.count % readers.count, number: number)
        let client = Client(connection, group: group ?? .connection(number), in: order)
        clients.append(client)
        return client
    }

    func connect(as name: String, owning names: [String]? = nil) -> Client {
        let client = connect()
        if let names { identify(client, by: names) }
        say(client, "LOGIN \(name)")
        for loop in readers.indices { turn(of: loop) }
        for client in clients { client.received = [] }
        return client
    }

    /// The names in the certificate that the client has shown.
    func identify(_ client: Client, by names: [String]) {
        client.session.identify(by: names)
    }

    func say(_ client: Client, _ lines: String...) {
        for line in lines { client.receive(Array(line.utf8), at: now) }
    }

    func say(_ client: Client, bytes: [UInt8]) {
        client.receive(bytes, at: now)
    }

    func sayTooLong(_ client: Client) {
        client.receiveTooLong()
    }

    func end(_ client: Client) {
        client.session.end()
    }

    func close(_ client: Client, for reason: ProtocolError) {
        client.session.close(for: reason)
    }

    /// The lines that a client was sent since the last call.
    func take(_ client: Client) -> [String] {
        for loop in readers.indices { turn(of: loop) }
        defer { client.received = [] }
        return String(decoding: client.received, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().map(String.init)
    }

    /// A turn of an event loop: it collects, and sends everything to those who take it. Returns what it has learned.
    @discardableResult
    func turn(of loop: Int) -> Collection {
        var effects = Effects()
        var report = LoopReport()
        let served = clients.filter { $0.connection.loop == loop }
        noteNeeds(of: served, on: loop)
        let collection = order.collect(for: loop, into: &effects, &readers[loop], &report)
        for entry in effects.entries {
            guard let client = served.first(where: { $0.connection.number == entry.connection }) else { continue }
            client.output.apply(entry, effects.bytes.span, readers[loop])
            if case .direct = entry.kind { report.tried.append(entry.connection) }
            if case .expelled = entry.kind {
                client.session.end()
                client.hasEnded = true
            }
        }
        if effects.isLast {
            for client in served where !client.hasEnded {
                client.output.append(lastLines: Reply.shuttingDown.bytes)
            }
        }
        for client in served where !stalled.contains(client.connection) { send(to: client, &report) }
        effects.reset()
        noteNeeds(of: served, on: loop)
        let later = order.collect(for: loop, into: &effects, &readers[loop], &report)
        precondition(effects.isEmpty, "Nothing was decided meanwhile")
        for reader in readers[loop] { reader.release() }
        var both = collection
        both.mayContinue = collection.mayContinue || later.mayContinue
        return both
    }

    private func noteNeeds(of served: [Client], on loop: Int) {
        for reader in readers[loop] { reader.needs = LogNeeds() }
        for client in served {
            client.output.forEachNeed { reader, position, _ in reader.needs.all = min(reader.needs.all, position) }
        }
        for reader in readers[loop] { reader.needs.healthy = reader.needs.all }
    }

    private func send(to client: Client, _ report: inout LoopReport) {
        while !client.output.isEmpty {
            var delivered: [DirectSender] = []
            let written = client.output.send(
                through: &scratch, produce: { order.produce(&$0, limit: 64) }, delivered: { delivered.append($0) },
                { bytes in
                    bytes.withUnsafeBufferPointer { client.received += $0 }
                    return bytes.count
                })
            report.delivered += delivered.map { (client.connection.number, $0) }
            if written.count == 0 { break }
        }
    }
}
