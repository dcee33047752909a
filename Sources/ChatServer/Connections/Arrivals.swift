import EventLoop
import FlowControl

/// What a worker does besides serving the chat: listeners, handshakes, and looking after peers that may have vanished.
struct Arrivals {
    /// How long handshakes may take in one turn; one handshake may exceed it.
    static let share = Duration.milliseconds(2)
    /// Every connection is looked at once in this time.
    private static let lookInterval = Duration.seconds(5)
    private static let looksPerTurn = 64

    var listeners: [Listener] = []
    /// Listeners on which connections wait.
    var readyListeners: [Listener] = []
    /// Connections whose handshake can continue, in turns by address.
    var handshakes = FairQueue<Connection>()
    private var toLookAt: [UInt64] = []
    /// When all connections are to be looked at again.
    private(set) var nextLook = Instant(nanoseconds: 0)

    var hasWork: Bool { !handshakes.isEmpty || !readyListeners.isEmpty || !toLookAt.isEmpty }

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

    /// The numbers of some connections, of all every now and then.
    mutating func peersToLookAt(at now: Instant, all: some Collection<UInt64>) -> [UInt64] {
        if toLookAt.isEmpty, nextLook <= now {
            nextLook = now + Self.lookInterval
            toLookAt = Array(all)
        }
        guard !toLookAt.isEmpty else { return [] }
        let some = toLookAt.suffix(Self.looksPerTurn)
        toLookAt.removeLast(some.count)
        return Array(some)
    }
}
