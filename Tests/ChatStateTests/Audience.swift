import ChatProtocol
import ChatState
import FlowControl
import OrderSupport

/// A chat with its connections, each on one of a few event loops, and the output of each connection.
final class Audience {
    typealias Client = SocketlessClient

    let order: LocalOrder
    var now = Nanoseconds.seconds(1)
    private let loops: [SocketlessLoop]
    private var clients: [Client] = []
    /// Clients that read nothing from the server.
    var stalled: Set<ConnectionID> = [] {
        didSet { for client in clients { client.isStalled = stalled.contains(client.connection) } }
    }

    init(loops: Int = 2, limits: OrderLimits = OrderLimits()) {
        let order = LocalOrder(loops: loops, limits: limits)
        self.order = order
        self.loops = (0..<loops).map { SocketlessLoop($0, of: order) }
    }

    func connect(of group: PeerGroup? = nil) -> Client {
        let client = loops[clients.count % loops.count].connect(UInt64(clients.count), of: group)
        clients.append(client)
        return client
    }

    func connect(as name: String, owning names: [String]? = nil) -> Client {
        let client = connect()
        if let names { identify(client, by: names) }
        say(client, "LOGIN \(name)")
        for loop in loops { loop.turn() }
        for client in clients { client.received = [] }
        return client
    }

    /// The names in the certificate that the client has shown.
    func identify(_ client: Client, by names: [String]) {
        client.session.identify(by: names)
    }

    func say(_ client: Client, _ lines: String...) {
        for line in lines { client.say(Array(line.utf8), at: now) }
    }

    func say(_ client: Client, bytes: [UInt8]) {
        client.say(bytes, at: now)
    }

    func sayTooLong(_ client: Client) {
        _ = client.session.receiveTooLong()
    }

    func end(_ client: Client) {
        client.session.end()
    }

    func close(_ client: Client, for reason: ProtocolError) {
        client.session.close(for: reason)
    }

    /// The lines that a client was sent since the last call.
    func take(_ client: Client) -> [String] {
        for loop in loops { loop.turn() }
        defer { client.received = [] }
        return String(decoding: client.received, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().map(String.init)
    }

    /// Has an event loop collect, which sends nothing yet.
    func collect(of loop: Int) {
        loops[loop].collect()
    }

    /// Runs a turn of an event loop. Returns the order's answer.
    @discardableResult
    func turn(of loop: Int) -> Collection {
        loops[loop].turn()
    }
}
