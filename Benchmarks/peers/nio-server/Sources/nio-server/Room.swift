import NIOCore

/// Who is here, and the one order: what everybody gets reaches the outbox of each event loop under one lock, and so in
/// the same place.
struct Room: Sendable {
    struct User {
        let name: Username
        let number: Int
        let client: Client
    }

    var outboxes: [Outbox] = []
    private var users: [[UInt8]: User] = [:]
    private var logins = 0

    func user(_ key: [UInt8]) -> User? { users[key] }

    var names: [Username] {
        users.values.sorted { $0.number < $1.number }.map(\.name)
    }

    /// False if somebody has that name.
    mutating func add(_ name: Username, _ client: Client) -> Bool {
        guard users[name.key] == nil else { return false }
        users[name.key] = User(name: name, number: logins, client: client)
        logins += 1
        return true
    }

    mutating func remove(_ name: Username) {
        users[name.key] = nil
    }

    mutating func announce(_ prefix: [UInt8], _ text: UnsafeRawBufferPointer) {
        for loop in outboxes.indices { outboxes[loop].announce(prefix, text) }
    }

    mutating func announce(_ line: String) {
        Array(line.utf8).withUnsafeBytes { announce([], $0) }
    }
}
