import ChatState
import FlowControl

/// One event loop's exchange with the order, once in a turn: it sends a report and takes decisions. Confined to that loop.
struct Collector {
    /// A connection's part of the memory that the loop reports.
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
    /// How much pending output and handshakes have freed since ``takeFreed()``, in bytes.
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

    /// Takes the order's decisions. `victim` is the score of the connection to disconnect first, 0 if there is none.
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

    /// Ends a collection after its effects were carried out. `isClosed` is whether the order is closed.
    mutating func finish(_ effects: inout Effects, isClosed: Bool) {
        self.isClosed = isClosed
        effects.reset()
        swap(&effects, &self.effects)
    }

    /// The order is to be asked again soon.
    mutating func requestCollection() {
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

    /// Updates the report after the memory that a connection takes may have changed; `size` is in bytes.
    mutating func account(_ connection: Connection, size: Int) {
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
