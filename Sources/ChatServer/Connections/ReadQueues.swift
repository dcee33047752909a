import ChatTransport
import FlowControl

/// Connections with input, in the order in which they are read.
struct ReadQueues {
    /// Where a connection is in the queues.
    struct Place {
        /// Among the unauthenticated connections with input.
        fileprivate(set) var isQueued = false
        /// Among those whose line waits.
        fileprivate var isWaiting = false
        /// Since which turn it is queued.
        fileprivate var turn: UInt64 = 0
        /// Input was left when it was last read, in a later turn than it was queued: the poller need not tell of it.
        fileprivate(set) var hasLeftovers = false
    }

    private var users = ReadScheduler<Connection>()
    /// Connections before their LOGIN.
    private var unauthenticated = FairQueue<Connection>()
    /// Users with a line that waits.
    private var waiting = FairQueue<Connection>()
    private var turn: UInt64 = 0
    /// Memory for what is read at once.
    var buffer = [UInt8](repeating: 0, count: Record.maximumSize)

    var isEmpty: Bool { users.isEmpty && unauthenticated.isEmpty }

    /// Whether no user has input.
    var hasNoUser: Bool { users.isEmpty }

    mutating func beginTurn() {
        turn &+= 1
    }

    /// Has a connection's input read when its turn comes.
    mutating func append(_ connection: Connection) {
        if connection.user == nil {
            guard !connection.places.reader.isQueued else { return }
            connection.places.reader.isQueued = true
            connection.places.reader.turn = turn
            unauthenticated.append(connection, of: connection.origin.group)
        } else if !connection.schedule.isQueued {
            connection.places.reader.turn = turn
            users.enqueue(connection)
        }
    }

    mutating func popUser() -> Connection? { users.next() }

    mutating func popUnauthenticated() -> Connection? {
        guard let connection = unauthenticated.popFirst() else { return nil }
        connection.places.reader.isQueued = false
        return connection
    }

    /// A connection was read, and used so much.
    mutating func charge(_ connection: Connection, _ cost: Int, hasMore: Bool) {
        connection.places.reader.hasLeftovers = hasMore && connection.places.reader.turn < turn
        if connection.user == nil {
            if hasMore { append(connection) }
        } else {
            if hasMore, !connection.schedule.isQueued { connection.places.reader.turn = turn }
            users.charge(connection, cost, hasMore: hasMore)
        }
        if case .order? = connection.inbound.pause, !connection.places.reader.isWaiting {
            connection.places.reader.isWaiting = true
            waiting.append(connection, of: connection.origin.group)
        }
    }

    /// A user has used so much besides reading.
    mutating func charge(_ user: Connection, _ cost: Int) {
        users.charge(user, cost, hasMore: false)
    }

    /// The connection is closed: what holds it would hold its socket.
    mutating func forget(_ connection: Connection) {
        guard connection.places.reader.isWaiting else { return }
        connection.places.reader.isWaiting = false
        waiting.removeAll(of: connection.origin.group) { $0 === connection }
    }

    /// Lines that wait may be said now.
    mutating func resumeWaiting() {
        while let connection = waiting.popFirst() {
            connection.places.reader.isWaiting = false
            append(connection)
        }
    }
}
