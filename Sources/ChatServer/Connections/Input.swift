import ChatProtocol
import ChatState
import EventLoop
import FlowControl

/// What comes from one peer, and why it is not read.
struct Input {
    /// Why lines that may be there are not read.
    enum Pause: Equatable {
        /// So many of the peer's own replies are pending.
        case replies
        /// A line waits, at the latest until an instant.
        case order(until: Nanoseconds)
        /// The connection is on its way to another event loop.
        case moving
    }

    var decoder: LineDecoder
    /// What the transport waits for in order to read.
    var wait = Interest.readable
    var pause: Pause?
    /// The peer has ended its stream.
    var hasEnded = false
    /// A write was told that the peer has reset the connection. The kernel tells that once, and then only of an end.
    var wasReset = false
    /// Since which turn the connection is queued to be read.
    var queuedTurn: UInt64 = 0
    /// Input was left when the connection was last read: the poller need not tell of it.
    var hasLeftovers = false
    /// Replies that the session has produced and that are not in the output yet, in bytes, and lists.
    private var (replySize, lists) = (0, 0)

    init(maximumLineLength: Int) {
        decoder = LineDecoder(maximumLineLength: maximumLineLength)
    }

    /// A line was answered.
    mutating func note(_ work: Session.Work) {
        replySize += work.replyBytes
        lists += work.lists
    }

    /// A reply has arrived in the output.
    mutating func noteReply(bytes: Int) {
        replySize = max(replySize - bytes, 0)
    }

    /// A list has arrived in the output.
    mutating func noteList() {
        lists = max(lists - 1, 0)
    }

    /// Whether more of the peer's own replies are pending than may be before it is read.
    func mustPause(_ output: borrowing Output, at memory: MemoryBudget.Level) -> Bool {
        replySize + output.replySize >= PendingLimits.scaled(PendingLimits.replies, at: memory)
            || lists + output.lists >= PendingLimits.scaled(PendingLimits.lists, at: memory)
    }
}
