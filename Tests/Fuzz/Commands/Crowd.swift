import ChatProtocol
import ChatState
import FlowControl
import FuzzSupport
import OrderSupport

/// A chat and its clients, at places that are taken anew when a client has left. Carries out what the order decides.
final class Crowd {
    private static let loopCount = 2
    static let maximumUsers = 4

    private let loops: [SocketlessLoop] = {
        var limits = OrderLimits()
        limits.users = maximumUsers
        // So that every line is a typed one.
        limits.interactiveRate = 1 << 30
        let order = LocalOrder(loops: loopCount, limits: limits)
        return (0..<loopCount).map { SocketlessLoop($0, of: order, listPiece: 16) }
    }()
    private var now = Nanoseconds.seconds(1)
    private var clients: [Client] = []
    private var places: [Int: Client] = [:]
    private var chat = Chat(maximumUsers: maximumUsers)

    func say(_ place: Int, _ line: [UInt8]) {
        let client = client(at: place)
        chat.say(client, TerminalSafety.sanitised(line.span))
        now += .microseconds(1_000)
        client.end.say(line, at: now)
        if case .waits = client.end.outcome {
            // A direct message waits until the receiver's loop has had a turn.
            carryOut()
            client.end.say(line, at: now)
        }
        require(chat.hasLeft(client) == client.end.hasEnded, "A session ends when its user leaves")
        if let name = chat.name(of: client) {
            require(client.end.session.username == name.text, "A session knows its user's name")
        }
    }

    func sayTooLong(_ place: Int) {
        let client = client(at: place)
        chat.reply(.error(.lineTooLong), to: client)
        _ = client.end.session.receiveTooLong()
    }

    /// Its connection ends.
    func leave(_ place: Int) {
        let client = client(at: place)
        chat.leave(client)
        client.end.session.end()
        client.end.hasEnded = true
    }

    /// The server ends its connection.
    func close(_ place: Int, for reason: ProtocolError) {
        let client = client(at: place)
        chat.close(client, for: reason)
        client.end.session.close(for: reason)
        client.end.hasEnded = true
    }

    /// Each event loop carries out what was decided for it.
    func turn() {
        carryOut()
        for client in clients {
            require(
                client.end.received == client.expected, "Everybody gets what is meant for them: \(difference(client))")
        }
    }

    private func carryOut() {
        for loop in loops { loop.turn(chunk: 1 + clients.count) }
    }

    /// Everybody leaves, and who comes then is alone.
    func dissolve() {
        turn()
        for place in places.keys.sorted() { leave(place) }
        let observer = connect(on: 0, owning: nil)
        for line in ["LOGIN observer", "WHO"] { observer.end.say(Array(line.utf8), at: now) }
        observer.expected = Array("OK\nUSER observer\n".utf8)
        turn()
    }

    /// The client at a place, another one where the last has ended. Two places are those of owners of names, and one that of
    /// an owner of no name.
    private func client(at place: Int) -> Client {
        if let client = places[place], !client.end.hasEnded { return client }
        let owned: [Int: [String]] = [5: [], 6: ["*.example.org", "Alice"], 7: ["bob", "alice"]]
        let client = connect(on: place % loops.count, owning: owned[place])
        places[place] = client
        return client
    }

    private func connect(on loop: Int, owning owned: [String]?) -> Client {
        let end = loops[loop].connect(UInt64(clients.count))
        clients.append(Client(end, owning: owned))
        return clients[clients.count - 1]
    }

    private func difference(_ client: Client) -> String {
        "\(String(decoding: client.end.received, as: UTF8.self)) instead of \(String(decoding: client.expected, as: UTF8.self))"
    }
}
