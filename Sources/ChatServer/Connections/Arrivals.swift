import EventLoop
import FlowControl
import Synchronization

/// Listeners on which connections wait, and handshakes, of one event loop.
struct Arrivals {
    /// Whether a connection is in the queue of handshakes.
    struct Place {
        fileprivate(set) var isQueued = false
    }

    /// How long handshakes may take in one turn; one handshake may exceed it.
    static let share = Duration.milliseconds(2)

    private let handle: WorkerHandle
    private var listeners: [Listener] = []
    private var readyListeners: [Listener] = []
    /// Connections whose handshake can continue, in turns by address.
    private var handshakes = FairQueue<Connection>()

    init(_ handle: WorkerHandle) {
        self.handle = handle
    }

    var isEmpty: Bool { handshakes.isEmpty && readyListeners.isEmpty }

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
        handshakes.append(connection, of: connection.origin.group)
        return true
    }

    mutating func popHandshake() -> Connection? {
        guard let connection = handshakes.popFirst() else { return nil }
        connection.places.handshake.isQueued = false
        handle.pendingHandshakes.subtract(1, ordering: .relaxed)
        return connection
    }
}
