public import FlowControl

/// An event loop's report to the order when it collects.
public struct LoopReport {
    /// Direct messages that left for the sockets of their receivers, by the receiver's number.
    public var delivered: [(receiver: UInt64, sender: DirectSender)] = []
    /// Receivers whose pending direct messages were all tried on their sockets, by their numbers.
    public var tried: [UInt64] = []
    /// The memory that the loop uses for its connections, in bytes.
    public var pendingBytes = 0

    /// While memory is exhausted: the highest score of a connection of this loop to disconnect, 0 if there is none.
    public var victim = 0

    /// An empty report.
    public init() {}
}

/// The order's answer to an event loop that collects, in addition to its ``Effects``.
public struct Collection {
    /// Loops for which something was decided, and which have to be woken.
    public internal(set) var wakes = LoopSet()
    /// Whether connections of this loop that wait may try again.
    public var mayContinue = false
    /// How scarce memory is.
    public internal(set) var memory = MemoryBudget.Level.normal
    /// Whether the order is closed: nothing follows.
    public internal(set) var isClosed = false
    /// Whether the loop has to disconnect the connection with the score that it reported.
    public internal(set) var mustDisconnect = false
}
