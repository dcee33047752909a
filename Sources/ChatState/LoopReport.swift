public import FlowControl

/// What an event loop tells the order when it collects.
public struct LoopReport {
    /// Direct messages that left for the sockets of their receivers, by the receiver's number.
    public var delivered: [(receiver: UInt64, sender: DirectSender)] = []
    /// Receivers whose pending direct messages were all tried on their sockets, by their numbers.
    public var tried: [UInt64] = []
    /// What the loop keeps in memory for its connections, in bytes.
    public var pendingBytes = 0

    /// While memory is exhausted: how fit a connection of this loop is for being disconnected, 0 for none.
    public var victim = 0

    /// Nothing to tell.
    public init() {}
}

/// What an event loop learns when it collects, besides its ``Effects``.
public struct Collection {
    /// Loops for which something was decided, and which have to be woken.
    public internal(set) var wakes = LoopSet()
    /// Whether connections of this loop that wait may try again.
    public var mayContinue = false
    /// How scarce memory is.
    public internal(set) var memory = MemoryBudget.Level.normal
    /// Whether the loop has to disconnect the connection that it has named for that.
    public internal(set) var mustDisconnect = false
}
