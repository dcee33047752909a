import ChatProtocol
import ChatState
import FlowControl
import FuzzSupport

/// A chat and its clients, at places that are taken anew when a client has left. Carries out what the order decides.
final class Crowd {
    private static let loops = 2
    static let maximumUsers = 4

    private let order: LocalOrder = {
        var limits = OrderLimits()
        limits.users = maximumUsers
        return LocalOrder(loops: loops, limits: limits)
    }()
    private var readers: [[LogReader]] = Array(repeating: [], count: loops)
    /// So that every line is a typed one.
    private var now = Nanoseconds.seconds(1)
    private var clients: [Client] = []
    private var places: [Int: Client] = [:]
    private var chat = Chat(maximumUsers: maximumUsers)

    func say(_ place: Int, _ line: [UInt8]) {
        let client = client(at: place)
        chat.say(client, TerminalSafety.sanitised(line.span))
        now += .microseconds(1_000)
        var outcome = client.session.receive(line.span, at: now)
        if case .waits = outcome {
            // A direct message waits until the receiver's loop has had a turn.
            carryOut()
            outcome = client.session.receive(line.span, at: now)
        }
        if outcome == .ends { client.hasEnded = true }
        require(chat.hasLeft(client) == client.hasEnded, "A session ends when its user leaves")
        if let name = chat.name(of: client) {
            require(client.session.username == name.text, "A session knows its user's name")
        }
    }

    func sayTooLong(_ place: Int) {
        let client = client(at: place)
        chat.reply(.error(.lineTooLong), to: client)
        _ = client.session.receiveTooLong()
    }

    /// Its connection ends.
    func leave(_ place: Int) {
        let client = client(at: place)
        chat.leave(client)
        client.session.end()
        client.hasEnded = true
    }

    /// The server ends its connection.
    func close(_ place: Int, for reason: ProtocolError) {
        let client = client(at: place)
        chat.close(client, for: reason)
        client.session.close(for: reason)
        client.hasEnded = true
    }

    /// Each event loop carries out what was decided for it.
    func turn() {
        carryOut()
        for client in clients {
            require(client.received == client.expected, "Everybody gets what is meant for them: \(difference(client))")
        }
    }

    private func carryOut() {
        for loop in 0..<Self.loops {
            var effects = Effects()
            var report = LoopReport()
            let served = clients.filter { $0.connection.loop == loop }
            noteNeeds(of: served, on: loop)
            _ = order.collect(for: loop, into: &effects, &readers[loop], &report)
            for entry in effects.entries {
                clients[Int(entry.connection)].apply(entry, of: effects, readers[loop])
                if case .direct = entry.kind { report.tried.append(entry.connection) }
            }
            for client in served {
                for sender in client.receive(from: order, chunk: 1 + clients.count) {
                    report.delivered.append((client.connection.number, sender))
                }
            }
            effects.reset()
            noteNeeds(of: served, on: loop)
            _ = order.collect(for: loop, into: &effects, &readers[loop], &report)
        }
    }

    private func noteNeeds(of served: [Client], on loop: Int) {
        for reader in readers[loop] { reader.needs = LogNeeds() }
        for client in served {
            client.output.forEachNeed { reader, position, _ in reader.needs.all = min(reader.needs.all, position) }
        }
        for reader in readers[loop] { reader.needs.healthy = reader.needs.all }
    }

    /// Everybody leaves, and who comes then is alone.
    func dissolve() {
        turn()
        for place in places.keys.sorted() { leave(place) }
        let observer = Client(.init(loop: 0, number: UInt64(clients.count)), owning: nil, in: order)
        clients.append(observer)
        for line in ["LOGIN observer", "WHO"] { _ = observer.session.receive(Array(line.utf8).span, at: now) }
        observer.expected = Array("OK\nUSER observer\n".utf8)
        turn()
    }

    /// The client at a place, another one where the last has ended. Two places are those of owners of names, and one that of
    /// an owner of no name.
    private func client(at place: Int) -> Client {
        if let client = places[place], !client.hasEnded { return client }
        let owned: [Int: [String]] = [5: [], 6: ["*.example.org", "Alice"], 7: ["bob", "alice"]]
        let connection = ConnectionID(loop: place % Self.loops, number: UInt64(clients.count))
        let client = Client(connection, owning: owned[place], in: order)
        clients.append(client)
        places[place] = client
        return client
    }

    private func difference(_ client: Client) -> String {
        "\(String(decoding: client.received, as: UTF8.self)) instead of \(String(decoding: client.expected, as: UTF8.self))"
    }
}
