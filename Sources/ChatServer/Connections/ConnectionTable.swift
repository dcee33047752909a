import EventLoop
import FlowControl

/// All connections of one event loop, by their numbers, and the connections that are checked next for a vanished peer.
struct ConnectionTable {
    /// Every connection is checked once in this time.
    private static let checkInterval = Duration.seconds(5)
    private static let checksPerTurn = 64

    private var connections: [UInt64: Connection] = [:]
    private var toCheck: [UInt64] = []
    /// When the next check of all connections begins.
    private var nextRound = Instant(nanoseconds: 0)

    var isEmpty: Bool { connections.isEmpty }
    var all: some Collection<Connection> { connections.values }

    /// Whether some connections have to be checked in the next turn.
    var hasChecks: Bool { !toCheck.isEmpty }

    /// When the next check is due at the latest.
    var nextCheck: Instant? { connections.isEmpty ? nil : nextRound }

    subscript(number: UInt64) -> Connection? { connections[number] }

    mutating func add(_ connection: Connection) {
        connections[connection.origin.serial] = connection
    }

    mutating func remove(_ connection: Connection) {
        connections[connection.origin.serial] = nil
    }

    /// Whether the next check of all connections begins now.
    func isRoundDue(at now: Instant) -> Bool { toCheck.isEmpty && nextRound <= now }

    /// Takes the connections to check in this turn, so that every connection is checked regularly.
    mutating func takeConnectionsToCheck(at now: Instant) -> [Connection] {
        if isRoundDue(at: now) {
            nextRound = now + Self.checkInterval
            toCheck = Array(connections.keys)
        }
        guard !toCheck.isEmpty else { return [] }
        let some = toCheck.suffix(Self.checksPerTurn)
        toCheck.removeLast(some.count)
        return some.compactMap { connections[$0] }
    }

    /// The connection to disconnect first while memory is exhausted. Connections that have acknowledged nothing for a minute
    /// come first, then the connection with the most pending output. Input that waits does not count.
    func victim(at now: Instant) -> (connection: Connection, score: Int)? {
        func score(_ connection: Connection) -> Int {
            let lastProgress = connection.outbound.lag?.health.lastProgress
            let hasStalled = lastProgress.map { $0 + .seconds(60) < now.nanoseconds } ?? false
            return connection.outputSize + (hasStalled ? 1 << 40 : 0)
        }
        return connections.values.map { ($0, score($0)) }.max { $0.1 < $1.1 }
    }
}
