import ChatProtocol
import ChatRoom
import ChatTransport
import EventLoop
import Logging

/// One client: its transport, its session, and what it is owed. Confined to its worker's event loop.
final class Connection: EventSource {
    /// Unique in the process.
    let serial: UInt64
    /// The place among the worker's members who lag, or among those who do not, or `nil` for one who is not logged in.
    var membership: Int?
    /// Is behind with what members get, which it gets from the worker's shared log.
    var isLagging = false
    /// Where the shared log ends when so much waits that it makes a difference.
    var nextCheck = 0
    /// The place in this turn's log from which on it is owed to a member.
    var owedFrom = 0

    /// The owner of this connection.
    unowned let worker: Worker
    let token: Token
    let socket: Socket
    let transport: any Transport
    private let transportKind: TransportKind
    let peer: SocketAddress
    /// Why it is not served, if it is not.
    let refusal: ProtocolError?
    let session: Session
    var decoder: LineDecoder
    var outbox = Outbox()
    /// How well the peer drains what waits.
    var drainWatch = DrainWatch()
    /// How many bytes that waited the transport has taken.
    var handedOver = 0
    /// What the worker knows of this connection's part in the memory that all take.
    var accountedSize = 0
    /// When the peer must have got on: with its handshake, its LOGIN, its next line, or its end.
    var deadline: Instant?
    var state = ConnectionState.establishing
    /// What the transport waits for in order to read on, and to get on with establishing or shutting down.
    var (readWait, stateWait) = (Interest.readable, Interest.readable)
    var isQueuedToRead = false
    var speechMeter = SpeechMeter()
    /// When it has last been one who floods.
    var lastFlood = Instant(nanoseconds: 0)
    /// Is not watched for input: receivers that are behind, or those who say little, come first.
    var isHeld = false
    var isQueuedToSettle = false
    var inputHasEnded = false
    /// A write was told that the peer has reset the connection. The kernel tells of that once, and of an end behind it.
    var wasReset = false
    /// Nothing more is added to what waits: the peer is gone, or was told its last line.
    var isDeaf = false
    /// Counts among those whose handshake is under way.
    var isShakingHands = false
    /// Whether a certificate says who the peer is.
    var isVerified = false
    /// The name under which the log knows the user, also behind the session's end.
    var user: String?

    init(_ newcomer: Newcomer, token: Token, on worker: Worker) {
        serial = newcomer.serial
        socket = newcomer.socket
        transport = newcomer.transport.makeTransport(newcomer.socket)
        transportKind = newcomer.transport.kind
        peer = newcomer.peer
        refusal = newcomer.refusal
        decoder = LineDecoder(maximumLineLength: worker.limits.lineLength)
        session = Session(ConnectionID(loop: worker.index, number: newcomer.serial), in: worker.room)
        self.token = token
        self.worker = worker
    }

    var isEstablished: Bool { state != .establishing }

    func ready() {
        switch state {
        case .establishing:
            // Who says nothing takes no part in it yet, and keeps nobody out.
            guard mayShakeHands() else { return turnAway() }
            establish()
        case .open where outbox.isEmpty, .lingering: queueToRead()
        case .open, .draining:
            withOutbox { $0.unblock() }
            queueToSettle()
        case .closing: tellEnd()
        case .closed: break
        }
    }

    func deadlinePassed() {
        let now = worker.loop.now
        if drainWatch.isOn { assess() }
        let isTooSlow = drainWatch.isTooSlow(at: now)
        let isLate = deadline.map { $0 <= now } ?? false
        switch state {
        case .open where isTooSlow: cutOff()
        case .open where isLate: timeOut()
        case .establishing where isLate:
            log(.debug, "timed out in the handshake, closing")
            close()
        case .draining where isTooSlow || isLate, .closing where isLate, .lingering where isLate: close()
        default: updateDeadline()
        }
    }

    private func timeOut() {
        let isUnheard = isHeld || !outbox.isEmpty
        // Of what a user may have said meanwhile nothing was read.
        guard user == nil || !isUnheard else { return setDeadline(after: worker.limits.idleTimeout) }
        let reason: ProtocolError = user == nil ? .loginTimeout : .idleTimeout
        log(.info, "timed out, closing", ["error": "\(reason)"])
        session.close(for: reason)
        drain()
    }

    func updateInterest() {
        // Settling does it, when it is known what is left to send.
        guard !isQueuedToSettle else { return }
        let interest: Interest
        switch state {
        case .establishing, .closing: interest = stateWait
        case .open where !outbox.isEmpty: interest = outbox.wait
        case .open, .lingering: interest = isHeld ? [] : readWait
        case .draining: interest = outbox.wait
        case .closed: return
        }
        do {
            try worker.loop.setInterest(interest, of: token)
        } catch {
            // The kernel has no memory for its list: this connection would be silent for ever.
            log(.error, "cannot watch a connection", ["error": "\(error)"])
            close()
        }
    }

    func setDeadline(after timeout: Duration?) {
        deadline = timeout.map { worker.loop.now + $0 }
        updateDeadline()
    }

    func updateDeadline() {
        var next = deadline
        if let check = drainWatch.deadline { next = min(deadline ?? check, check) }
        worker.loop.setDeadline(next, of: token)
    }

    func log(_ level: Logger.Level, _ message: Logger.Message, _ details: Logger.Metadata = [:]) {
        worker.logger.log(
            level: level, message,
            metadata: details.merging([
                "connection": "\(serial)", "transport": "\(transportKind.rawValue)", "peer": "\(peer)",
                "user": "\(user ?? "-")",
            ]) { detail, _ in detail })
    }
}
