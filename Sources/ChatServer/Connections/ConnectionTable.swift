import EventLoop
import FlowControl

/// All connections of one event loop, by their numbers, and whose turn it is to be looked at.
struct ConnectionTable {
    /// Every connection is looked at once in this time.
    private static let lookInterval = Duration.seconds(5)
    private static let looksPerTurn = 64

    private var connections: [UInt64: Connection] = [:]
    private var toLookAt: [UInt64] = []
    /// When all connections are to be looked at again.
    private var nextRound = Instant(nanoseconds: 0)

    var isEmpty: Bool { connections.isEmpty }
    var all: some Collection<Connection> { connections.values }

    /// Whether some connections are to be looked at in the next turn.
    var hasLooks: Bool { !toLookAt.isEmpty }

    /// When the next look is due at the latest.
    var nextLook: Instant? { connections.isEmpty ? nil : nextRound }

    subscript(number: UInt64) -> Connection? { connections[number] }

    mutating func add(_ connection: Connection) {
        connections[connection.origin.serial] = connection
    }

    mutating func remove(_ connection: Connection) {
        connections[connection.origin.serial] = nil
    }

    /// Whether all connections are to be looked at again from now on.
    func isRoundDue(at now: Instant) -> Bool { toLookAt.isEmpty && nextRound <= now }

    /// Some connections, of all every now and then.
    mutating func takeSomeToLookAt(at now: Instant) -> [Connection] {
        if isRoundDue(at: now) {
            nextRound = now + Self.lookInterval
            toLookAt = Array(connections.keys)
        }
        let some = toLookAt.suffix(Self.looksPerTurn)
        toLookAt.removeLast(some.count)
        return some.compactMap { connections[$0] }
    }

    /// Whom to disconnect first while memory is exhausted: one that has acknowledged nothing for a minute comes before all
    /// others, then the one with the most pending output. Input that waits is no reason.
    func victim(at now: Instant) -> (connection: Connection, score: Int)? {
        func score(_ connection: Connection) -> Int {
            let lastProgress = connection.outbound.lag?.health.lastProgress
            let hasStalled = lastProgress.map { $0 + .seconds(60) < now.nanoseconds } ?? false
            return connection.outputSize + (hasStalled ? 1 << 40 : 0)
        }
        return connections.values.map { ($0, score($0)) }.max { $0.1 < $1.1 }
    }
}
