import ChatProtocol
import ChatRoom

/// A room with its connections, each on one of a few event loops, and what each connection is owed so far.
///
/// Carries out dispatches as a server does, one turn for each line, without sockets.
final class Audience {
    final class Client {
        let connection: ConnectionID
        fileprivate var session: Session
        fileprivate var isMember = false
        fileprivate var owedFrom = 0
        fileprivate var received: [UInt8] = []
        fileprivate(set) var hasEnded = false

        fileprivate init(_ connection: ConnectionID, in room: Room) {
            self.connection = connection
            session = Session(connection, in: room)
        }

        fileprivate func receive(_ line: [UInt8]) {
            guard !hasEnded else { return }
            hasEnded = session.receive(line.span) == .ends
        }

        fileprivate func receiveTooLong() {
            _ = session.receiveTooLong()
        }
    }

    let room: Room
    private let loops: Int
    private var clients: [Client] = []

    init(loops: Int = 2) {
        self.loops = loops
        room = Room(loops: loops)
    }

    func connect() -> Client {
        let client = Client(.init(loop: clients.count % loops, number: UInt64(clients.count)), in: room)
        clients.append(client)
        return client
    }

    func connect(as name: String, owning names: [String]? = nil) -> Client {
        let client = connect()
        if let names { identify(client, by: names) }
        say(client, "LOGIN \(name)")
        for client in clients { _ = take(client) }
        return client
    }

    /// The names in the certificate that the client has shown.
    func identify(_ client: Client, by names: [String]) {
        client.session.identify(by: names)
    }

    func say(_ client: Client, _ lines: String...) {
        for line in lines { client.receive(Array(line.utf8)) }
    }

    func say(_ client: Client, bytes: [UInt8]) {
        client.receive(bytes)
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

    /// The lines that a client is owed since the last call.
    func take(_ client: Client) -> [String] {
        for loop in 0..<loops { carryOut(on: loop) }
        defer { client.received = [] }
        return String(decoding: client.received, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().map(String.init)
    }

    private func carryOut(on loop: Int) {
        var dispatch = Dispatch()
        _ = room.collect(for: loop, into: &dispatch)
        for entry in dispatch.entries {
            guard let client = clients.first(where: { $0.connection.number == entry.connection }) else { continue }
            if client.isMember { client.received += dispatch.log[client.owedFrom..<entry.position] }
            client.owedFrom = entry.position
            switch entry.kind {
            case .reply(let lines): client.received += dispatch.replies[lines]
            case .joined: client.isMember = true
            case .left: client.isMember = false
            case .expelled(let line):
                client.received += dispatch.replies[line]
                client.isMember = false
                client.session.end()
                client.hasEnded = true
            }
        }
        for client in clients where client.connection.loop == loop {
            if client.isMember { client.received += dispatch.log[client.owedFrom...] }
            client.owedFrom = 0
        }
    }
}
