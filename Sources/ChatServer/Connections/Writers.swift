import DequeModule
import EventLoop

/// Connections with pending output other than their room's newest lines.
struct Writers {
    /// Whether a connection is in one of the queues.
    struct Place {
        fileprivate(set) var isQueued = false
    }

    /// How long each of the two queues may take in one turn.
    static let share = Duration.milliseconds(1)

    /// Connections that do not lag. They come first.
    private(set) var upToDate: Deque<Connection> = []
    private(set) var lagging: Deque<Connection> = []
    /// The buffer for output that is composed into one write.
    var scratch: [UInt8] = []

    var isEmpty: Bool { upToDate.isEmpty && lagging.isEmpty }

    /// Queues a connection, unless it is queued already.
    mutating func append(_ connection: Connection) {
        guard !connection.places.writer.isQueued else { return }
        connection.places.writer.isQueued = true
        if connection.outbound.lag == nil { upToDate.append(connection) } else { lagging.append(connection) }
    }

    /// Takes the first connection out of one of the two queues.
    mutating func pop(lagging lags: Bool) -> Connection? {
        let connection = lags ? lagging.popFirst() : upToDate.popFirst()
        connection?.places.writer.isQueued = false
        return connection
    }
}
