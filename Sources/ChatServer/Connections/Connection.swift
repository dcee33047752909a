import ChatProtocol
import ChatState
import ChatTransport
import EventLoop
import FlowControl
import Logging

/// One client: its transport, its session, its input and its output. Confined to its worker's event loop.
final class Connection: EventSource, ScheduledFlow {
    /// The connection's places in the worker's lists. A place is written only by its list.
    struct Places {
        var member = RoomView.Place()
        var lagging = Rooms.Place()
        var reader = ReadQueues.Place()
        var writer = Writers.Place()
        var handshake = Arrivals.Place()
        var home = WorkerPool.Place()
        var memory = Collector.Place()
    }

    let origin: Origin
    let transport: any Transport
    // Not checked for overlapping accesses, which would double the cost of a delivery: the connection is confined to its
    // loop's thread, and nothing that a part calls comes back to that part.
    /// The owner of this connection.
    @exclusivity(unchecked) private(set) unowned var worker: Worker
    /// Identifies the connection in the worker's event loop.
    @exclusivity(unchecked) private(set) var token: Token
    @exclusivity(unchecked) var session: Session
    @exclusivity(unchecked) var inbound: Inbound
    @exclusivity(unchecked) var outbound = Outbound()
    @exclusivity(unchecked) var life = LifeCycle()
    @exclusivity(unchecked) var schedule = FlowSchedule()
    @exclusivity(unchecked) var places = Places()
    /// The last check for a vanished peer.
    var vigil = Vigil()

    init(_ origin: Origin, _ transport: any Transport, token: Token, on worker: Worker) {
        self.origin = origin
        self.transport = transport
        self.token = token
        self.worker = worker
        session = Session(
            ConnectionID(loop: worker.index, number: origin.serial), group: origin.group, in: worker.order)
        inbound = Inbound(maximumLineLength: worker.limits.lineLength)
    }

    /// Another event loop serves the connection from now on.
    func adopt(by worker: Worker, token: Token) {
        self.worker = worker
        self.token = token
        inbound.resume()
        session.move(to: ConnectionID(loop: worker.index, number: origin.serial))
    }

    /// The name under which the log knows the user, also after the session's end; `nil` before the LOGIN.
    var user: String? { session.username }

    /// The memory that pending output takes, in bytes.
    var outputSize: Int { outbound.output.size + transport.unfinishedSize }

    /// The memory that pending output and unread input take, in bytes.
    var memorySize: Int { outputSize + inbound.size }

    func ready(_ interest: Interest) {
        switch life.state {
        case .establishing: worker.queueHandshake(self)
        case .open, .draining:
            if outbound.noteReady(interest) { queueFlush() }
            if life.state == .open { readyToRead(interest) }
        case .closing: tellEnd()
        case .lingering: discardInput()
        case .closed: break
        }
    }

    private func readyToRead(_ interest: Interest) {
        if inbound.pause == nil {
            if !interest.isDisjoint(with: inbound.wait.union(.hangUp)) { worker.readQueues.append(self) }
        } else if interest.contains(.hangUp) {
            // The peer is gone, so that lines that wait have no sender any more. Its name is to be free at once.
            log(.debug, "hung up")
            close()
        }
    }

    func updateInterest() {
        let interest: Interest
        switch life.state {
        case .establishing: interest = places.handshake.isQueued ? [] : life.wait
        case .closing: interest = life.wait
        case .open: interest = (mayRead ? inbound.wait : .hangUp).union(outbound.wait ?? [])
        case .draining: interest = outbound.wait ?? []
        case .lingering: interest = inbound.wait
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

    private var mayRead: Bool { inbound.pause == nil && !inbound.hasEnded && !places.reader.hasUnreadInput }

    func log(_ level: Logger.Level, _ message: Logger.Message, _ details: Logger.Metadata = [:]) {
        worker.logger.log(
            level: level, message,
            metadata: details.merging([
                "connection": "\(origin.serial)", "transport": "\(origin.transportKind.rawValue)",
                "peer": "\(origin.peer)", "user": "\(user ?? "-")",
            ]) { detail, _ in detail })
    }
}
