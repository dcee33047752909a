import FlowControl

/// Connections with input, in the order in which they are read.
struct ReadQueues {
    private var users = ReadScheduler<Connection>()
    /// Connections before their LOGIN.
    private var unauthenticated = FairQueue<Connection>()
    /// Users with a line that waits.
    private var waiting = FairQueue<Connection>()

    var isEmpty: Bool { users.isEmpty && unauthenticated.isEmpty }

    /// Whether no user has input.
    var hasNoUser: Bool { users.isEmpty }

    mutating func append(_ connection: Connection, in turn: UInt64) {
        if connection.user == nil {
            guard !connection.places.isQueuedToRead else { return }
            connection.places.isQueuedToRead = true
            connection.input.queuedTurn = turn
            unauthenticated.append(connection, of: connection.accepted.group)
        } else if !connection.schedule.isQueued {
            connection.input.queuedTurn = turn
            users.enqueue(connection)
        }
    }

    mutating func popUser() -> Connection? { users.next() }

    mutating func popUnauthenticated() -> Connection? {
        guard let connection = unauthenticated.popFirst() else { return nil }
        connection.places.isQueuedToRead = false
        return connection
    }

    /// A connection was read, and used so much.
    mutating func charge(_ connection: Connection, _ cost: Int, hasMore: Bool, in turn: UInt64) {
        if connection.user == nil {
            if hasMore { append(connection, in: turn) }
        } else {
            if hasMore, !connection.schedule.isQueued { connection.input.queuedTurn = turn }
            users.charge(connection, cost, hasMore: hasMore)
        }
        if case .order? = connection.input.pause, !connection.places.isWaiting {
            connection.places.isWaiting = true
            waiting.append(connection, of: connection.accepted.group)
        }
    }

    /// The connection is closed: what holds it would hold its socket.
    mutating func forget(_ connection: Connection) {
        guard connection.places.isWaiting else { return }
        connection.places.isWaiting = false
        waiting.removeAll(of: connection.accepted.group) { $0 === connection }
    }

    /// Lines that wait may be said now.
    mutating func resumeWaiting(in turn: UInt64) {
        while let connection = waiting.popFirst() {
            connection.places.isWaiting = false
            append(connection, in: turn)
        }
    }
}
