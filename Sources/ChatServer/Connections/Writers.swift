import DequeModule
import EventLoop

/// Connections with something to send besides their room's newest lines.
struct Writers {
    /// How long each kind of them may take in one turn.
    static let share = Duration.milliseconds(1)

    /// Those that have been sent everything up to now, and come first.
    private(set) var prompt: Deque<Connection> = []
    private var lagging: Deque<Connection> = []
    /// Memory for what is sent in one piece.
    var scratch: [UInt8] = []

    var isEmpty: Bool { prompt.isEmpty && lagging.isEmpty }
    var promptCount: Int { prompt.count }
    var laggingCount: Int { lagging.count }

    mutating func append(_ connection: Connection) {
        if connection.lag == nil { prompt.append(connection) } else { lagging.append(connection) }
    }

    mutating func popPrompt() -> Connection? { prompt.popFirst() }

    mutating func popLagging() -> Connection? { lagging.popFirst() }
}
