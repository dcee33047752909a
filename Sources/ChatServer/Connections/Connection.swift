import ChatProtocol
import ChatState
import ChatTransport
import EventLoop
import FlowControl
import Logging

/// One client: its transport, its session, what comes from it, and what it is sent. Confined to its worker's event loop.
final class Connection: EventSource, ScheduledFlow {
    /// Where the worker has the connection.
    struct Places {
        /// Among the members of its room.
        var member: Int?
        /// Among the receivers that lag.
        var lagging: Int?
        /// In the queue of connections with something to send.
        var isQueuedToFlush = false
        /// Direct messages have come that were not tried on the socket yet.
        var hasUntriedMessages = false
        /// In the queue of unauthenticated connections with input.
        var isQueuedToRead = false
        /// In the queue of connections whose line waits.
        var isWaiting = false
        /// Counted as a member of its loop, or as one that is about to log in there.
        var isCounted = false
        /// What it is known to take of the server's memory, in bytes.
        var accountedSize = 0
    }

    let accepted: AcceptedConnection
    let transport: any Transport
    let session: Session
    /// The owner of this connection.
    unowned var worker: Worker
    /// Its name in the worker's event loop.
    var token: Token
    var input: Input
    /// Not checked for overlapping accesses, which would double the cost of a delivery: the connection is confined to its
    /// loop's thread, and the one call that could come back to it takes the output out first.
    @exclusivity(unchecked) var output = Output()
    /// What the transport waits for before it takes more; `nil` if it would take some now.
    @exclusivity(unchecked) var outputWait: Interest?
    /// `nil` for a receiver that has been sent everything.
    @exclusivity(unchecked) var lag: Lag?
    var life = LifeCycle()
    var schedule = FlowSchedule()
    var places = Places()
    /// What an earlier look has seen of the peer's acknowledgements.
    var vigil = Vigil()
    /// The name under which the log knows the user, also after the session's end.
    var user: String?

    init(_ accepted: AcceptedConnection, token: Token, on worker: Worker) {
        self.accepted = accepted
        self.token = token
        self.worker = worker
        transport = accepted.makeTransport()
        session = Session(
            ConnectionID(loop: worker.index, number: accepted.serial), group: accepted.group, in: worker.order,
            interactiveRate: worker.limits.interactiveRate)
        input = Input(maximumLineLength: worker.limits.lineLength)
    }

    func ready(_ interest: Interest) {
        switch life.state {
        case .establishing: worker.queueHandshake(self)
        case .open, .draining:
            if let wait = outputWait, !interest.isDisjoint(with: wait.union(.hangUp)) {
                outputWait = nil
                queueFlush()
            }
            if life.state == .open { readyToRead(interest) }
        case .closing: tellEnd()
        case .lingering: discardInput()
        case .closed: break
        }
    }

    private func readyToRead(_ interest: Interest) {
        if input.pause == nil {
            if !interest.isDisjoint(with: input.wait.union(.hangUp)) { worker.queueReader(self) }
        } else if interest.contains(.hangUp) {
            // Nobody is there to learn what becomes of lines that wait, and the name is to be free at once.
            log(.debug, "hung up")
            close()
        }
    }

    func deadlinePassed() {
        let now = worker.loop.now
        observeLag()
        let isLate = life.deadline.map { $0 <= now } ?? false
        switch life.state {
        case .open where isStalled: disconnectSlowConsumer()
        // With a deadline of its own, it is that which counts.
        case .draining where isStalled && life.deadline == nil: disconnectSlowConsumer()
        case .open where isLate: timeOut()
        case .establishing where isLate && life.isQueued:
            // Its input has come in time: it is the server that has not looked at it yet.
            setDeadline(after: .seconds(1))
        case .establishing where isLate:
            log(.debug, "timed out in the handshake, closing")
            close()
        case .draining where isLate: giveUpDraining()
        case .closing where isLate, .lingering where isLate: close()
        default:
            if case .order(let instant)? = input.pause, instant <= now.nanoseconds { worker.queueReader(self) }
            updateDeadline()
        }
    }

    private func timeOut() {
        // Input that has come in time counts as such; before the LOGIN, replies that the peer does not read are no reason to wait.
        let isPaused = user == nil ? false : input.pause != nil
        let hasUnreadInput = places.isQueuedToRead || schedule.isQueued || isPaused
        guard !hasUnreadInput else { return setDeadline(after: .seconds(1)) }
        let reason: ProtocolError = user == nil ? .loginTimeout : .idleTimeout
        log(.info, "timed out, closing", ["error": "\(reason)"])
        session.close(for: reason)
        drain()
    }

    /// What it takes of the server's memory, in bytes.
    var pendingSize: Int { output.size + input.decoder.keptSize + transport.unfinishedSize }

    /// Another event loop serves the connection from now on.
    func adopt(by worker: Worker, token: Token) {
        self.worker = worker
        self.token = token
        input.pause = nil
        session.move(to: ConnectionID(loop: worker.index, number: accepted.serial))
    }

    func updateInterest() {
        let interest: Interest
        switch life.state {
        case .establishing: interest = life.isQueued ? [] : life.wait
        case .closing: interest = life.wait
        case .open: interest = (mayRead ? input.wait : .hangUp).union(outputWait ?? [])
        case .draining: interest = outputWait ?? []
        case .lingering: interest = input.wait
        case .closed: return
        }
        do {
            try worker.loop.setInterest(interest, of: token)
        } catch {
            // The kernel has no memory for its list: this connection would be silent until its end.
            log(.error, "cannot watch a connection", ["error": "\(error)"])
            close()
        }
    }

    private var mayRead: Bool { input.pause == nil && !input.hasLeftovers && !input.hasEnded }

    func setDeadline(after timeout: Duration?) {
        life.deadline = timeout.map { worker.loop.now + $0 }
        updateDeadline()
    }

    /// Has the loop call at the earliest instant at which something changes by time alone.
    func updateDeadline() {
        var next = life.deadline?.nanoseconds ?? .max
        if let lag {
            let mayStall = life.state == .open || life.deadline == nil
            next = min(next, lag.health.nextChange ?? .max, mayStall ? stallInstant(lag) : .max)
        }
        // One that has passed has queued the connection already.
        if case .order(let instant)? = input.pause, instant > worker.loop.now.nanoseconds { next = min(next, instant) }
        worker.loop.setDeadline(next == .max ? nil : Instant(nanoseconds: next), of: token)
    }

    func log(_ level: Logger.Level, _ message: Logger.Message, _ details: Logger.Metadata = [:]) {
        worker.logger.log(
            level: level, message,
            metadata: details.merging([
                "connection": "\(accepted.serial)", "transport": "\(accepted.transportKind.rawValue)",
                "peer": "\(accepted.peer)", "user": "\(user ?? "-")",
            ]) { detail, _ in detail })
    }
}
