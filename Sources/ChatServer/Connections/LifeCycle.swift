import ChatTransport
import EventLoop

/// How far a connection has come, and what it waits for to come further.
struct LifeCycle {
    /// Only ever moves forward.
    enum State: Comparable {
        /// The transport's handshake is under way.
        case establishing
        /// Lines are read.
        case open
        /// The session has ended. Nothing more is read; pending output is being sent.
        case draining
        /// Everything is sent, and the transport tells the peer so.
        case closing
        /// The peer's input is discarded until its end: closing a socket with unread input would reset the connection,
        /// and take from the peer what it has not read yet.
        case lingering
        case closed
    }

    private(set) var state = State.establishing
    /// What the transport waits for in order to establish or to shut down.
    private(set) var wait = Interest.readable
    /// When the peer must have come further: with its handshake, its LOGIN, its next line, or its end.
    private(set) var deadline: Instant?
    /// The deadline has passed, but input had come in time: what becomes of the peer is decided when that was looked at.
    private(set) var isOverdue = false

    /// Moves forward. Returns whether that changed something.
    @discardableResult
    mutating func advance(to state: State) -> Bool {
        guard self.state < state else { return false }
        self.state = state
        return true
    }

    mutating func wait(for interest: Interest) {
        wait = interest
    }

    mutating func setDeadline(_ deadline: Instant?) {
        self.deadline = deadline
        isOverdue = false
    }

    /// The deadline has passed while input waits to be looked at.
    mutating func noteOverdue() {
        deadline = nil
        isOverdue = true
    }

    func isLate(at now: Instant) -> Bool { deadline.map { $0 <= now } ?? false }
}
