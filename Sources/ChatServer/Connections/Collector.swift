import ChatState
import FlowControl

/// What one event loop tells the order, and learns from it, once in a turn. Confined to that loop.
struct Collector {
    /// What a connection is known to take of the server's memory.
    struct Place {
        /// In bytes.
        fileprivate var accountedSize = 0
    }

    /// From how many freed bytes on it is worth while to give free memory back to the kernel.
    private static let muchMemory = 4 << 20
    /// What a handshake takes for a while, in bytes.
    private static let handshakeSize = 32 << 10

    private let order: LocalOrder
    private let index: Int
    private var effects = Effects()
    private var report = LoopReport()
    /// What was freed of pending output and of handshakes since ``takeFreed()``, in bytes.
    private var freed = 0
    /// How scarce memory is.
    private(set) var memory = MemoryBudget.Level.normal
    /// The order is to be asked again soon.
    private(set) var isDue = false
    /// The order is closed: the server shuts down.
    private(set) var isClosed = false

    init(_ order: LocalOrder, index: Int) {
        self.order = order
        self.index = index
    }

    /// Takes what the order has decided. `victim` is how fit a connection is for being disconnected, 0 for none.
    mutating func collect(_ readers: inout [LogReader], victim: Int) -> (effects: Effects, Collection) {
        isDue = false
        report.victim = victim
        // Moved out, so that nothing is copied.
        var effects = Effects()
        swap(&effects, &self.effects)
        let collection = order.collect(for: index, into: &effects, &readers, &report)
        memory = collection.memory
        return (effects, collection)
    }

    /// What was collected is carried out. Returns whether nothing follows, because the order has closed now.
    mutating func finish(_ effects: inout Effects) -> Bool {
        let closes = effects.isLast
        if closes { isClosed = true }
        effects.reset()
        swap(&effects, &self.effects)
        return closes
    }

    /// The order is to be asked again soon.
    mutating func noteNews() {
        isDue = true
    }

    /// All direct messages that are pending for the connection were tried on its socket.
    mutating func noteTried(_ connection: Connection) {
        report.tried.append(connection.origin.serial)
        isDue = true
    }

    /// A direct message left for the connection's socket.
    mutating func noteDelivered(_ sender: DirectSender, to connection: Connection) {
        report.delivered.append((connection.origin.serial, sender))
    }

    /// What a connection takes of the server's memory may have changed.
    mutating func account(_ connection: Connection) {
        account(connection, size: connection.life.state == .closed ? 0 : connection.pendingSize)
    }

    /// The connection is not this loop's any more.
    mutating func release(_ connection: Connection) {
        account(connection, size: 0)
    }

    private mutating func account(_ connection: Connection, size: Int) {
        report.pendingBytes += size - connection.places.memory.accountedSize
        freed += max(connection.places.memory.accountedSize - size, 0)
        connection.places.memory.accountedSize = size
    }

    /// A handshake has ended.
    mutating func noteHandshake() {
        freed += Self.handshakeSize
    }

    /// Whether much was freed since this was last so.
    mutating func takeFreed() -> Bool {
        guard freed >= Self.muchMemory else { return false }
        freed = 0
        return true
    }
}
