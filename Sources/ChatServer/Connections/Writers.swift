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
    private(set) var prompt: Deque<Connection> = []
    private var lagging: Deque<Connection> = []
    /// The buffer for output that is composed into one write.
    var scratch: [UInt8] = []

    var isEmpty: Bool { prompt.isEmpty && lagging.isEmpty }
    var promptCount: Int { prompt.count }
    var laggingCount: Int { lagging.count }

    /// Queues a connection, unless it is queued already.
    mutating func append(_ connection: Connection) {
        guard !connection.places.writer.isQueued else { return }
        connection.places.writer.isQueued = true
        if connection.outbound.lag == nil { prompt.append(connection) } else { lagging.append(connection) }
    }

    mutating func popPrompt() -> Connection? { Self.pop(&prompt) }

    mutating func popLagging() -> Connection? { Self.pop(&lagging) }

    private static func pop(_ queue: inout Deque<Connection>) -> Connection? {
        let connection = queue.popFirst()
        connection?.places.writer.isQueued = false
        return connection
    }
}
