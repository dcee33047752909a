import EventLoop
import FlowControl
import Synchronization

/// Listeners on which connections wait, and handshakes, of one event loop.
struct Arrivals {
    /// Whether a connection is in one of the queues of handshakes.
    struct Place {
        fileprivate(set) var isQueued = false
        /// Some of the handshake was done: it takes memory until its end.
        fileprivate var hasBegun = false
    }

    /// How long handshakes may take in one turn; one handshake may exceed it.
    static let share = Duration.milliseconds(2)

    private let handle: WorkerHandle
    private var listeners: [Listener] = []
    private var readyListeners: [Listener] = []
    /// Connections whose handshake can begin, and those whose handshake can continue, in turns by address.
    private var (beginning, continuing) = (FairQueue<Connection>(), FairQueue<Connection>())
    /// Both have turns. Every fourth begins a handshake, so that few are under way and take memory at the same time.
    private var turn: UInt8 = 0

    init(_ handle: WorkerHandle) {
        self.handle = handle
    }

    var isEmpty: Bool { beginning.isEmpty && continuing.isEmpty && readyListeners.isEmpty }

    mutating func add(_ listener: Listener) {
        listeners.append(listener)
    }

    /// Queues a listener on which connections wait.
    mutating func append(_ listener: Listener) {
        readyListeners.append(listener)
    }

    mutating func takeListeners() -> [Listener] {
        var taken: [Listener] = []
        swap(&taken, &readyListeners)
        return taken
    }

    mutating func stopListening() {
        for listener in listeners { listener.stop() }
        listeners = []
        readyListeners = []
    }

    /// Queues a connection whose handshake can continue. Returns whether it was not queued already.
    mutating func append(_ connection: Connection) -> Bool {
        guard !connection.places.handshake.isQueued else { return false }
        connection.places.handshake.isQueued = true
        handle.pendingHandshakes.add(1, ordering: .relaxed)
        if connection.places.handshake.hasBegun {
            continuing.append(connection, of: connection.origin.group)
        } else {
            beginning.append(connection, of: connection.origin.group)
        }
        return true
    }

    mutating func popHandshake() -> Connection? {
        turn &+= 1
        let mayBegin = turn.isMultiple(of: 4)
        let next =
            mayBegin
            ? beginning.popFirst() ?? continuing.popFirst() : continuing.popFirst() ?? beginning.popFirst()
        guard let connection = next else { return nil }
        connection.places.handshake.isQueued = false
        connection.places.handshake.hasBegun = true
        handle.pendingHandshakes.subtract(1, ordering: .relaxed)
        return connection
    }
}
