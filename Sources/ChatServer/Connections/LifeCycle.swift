import ChatTransport
import EventLoop

/// The state of a connection from handshake to close, and its deadline.
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
        /// The peer's input is discarded until its end: to close a socket with unread input would reset the connection, and
        /// the peer would lose output that it has not read yet.
        case lingering
        case closed
    }

    private(set) var state = State.establishing
    /// The event that the transport waits for in order to establish or to shut down.
    private(set) var wait = Interest.readable
    /// The instant by which the peer must finish its handshake, log in, send its next line, or end.
    private(set) var deadline: Instant?
    /// The deadline has passed, but input had come in time. Whether the peer is late is decided after this input is read.
    private(set) var decidesAfterInput = false

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
        decidesAfterInput = false
    }

    /// The deadline has passed while input waits to be looked at.
    mutating func decideAfterInput() {
        deadline = nil
        decidesAfterInput = true
    }

    func isLate(at now: Instant) -> Bool { deadline.map { $0 <= now } ?? false }
}
