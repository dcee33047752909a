import ChatTransport
import FlowControl

/// Connections with input, in the order in which they are read.
struct ReadQueues {
    /// A connection's place in the queues.
    struct Place {
        /// Among the unauthenticated connections with input.
        fileprivate(set) var isQueued = false
        /// Among the users with a line that waits.
        fileprivate var isWaiting = false
        /// The turn in which it was queued.
        fileprivate var turn: UInt64 = 0
        /// The last read was in a later turn than `turn` and has left input. The poller need not report that
        /// input: it reports a limited number of events at a time, and many floods would leave no place for others.
        fileprivate(set) var hasUnreadInput = false
    }

    private var users = ReadScheduler<Connection>()
    /// Connections before their LOGIN.
    private var unauthenticated = FairQueue<Connection>()
    /// Users with a line that waits.
    private var waiting = FairQueue<Connection>()
    private var turn: UInt64 = 0
    /// The buffer for one read.
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

    /// Charges the cost of a read to a connection.
    mutating func charge(_ connection: Connection, _ cost: Int, hasMore: Bool) {
        connection.places.reader.hasUnreadInput = hasMore && connection.places.reader.turn < turn
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

    /// Charges another cost to a user.
    mutating func charge(_ user: Connection, _ cost: Int) {
        users.charge(user, cost, hasMore: false)
    }

    /// Removes a closed connection. A queue that retained it would keep its socket open.
    mutating func forget(_ connection: Connection) {
        guard connection.places.reader.isWaiting else { return }
        connection.places.reader.isWaiting = false
        waiting.removeAll(of: connection.origin.group) { $0 === connection }
    }

    /// Queues all connections whose lines wait, because the order may accept these lines now.
    mutating func resumeWaiting() {
        while let connection = waiting.popFirst() {
            connection.places.reader.isWaiting = false
            append(connection)
        }
    }
}
