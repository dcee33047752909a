import ChatProtocol
import ChatRoom
import ChatTransport
import EventLoop
import Logging
import SystemPackage

/// One client: its transport, its session, and what it is owed. Confined to its worker's event loop.
final class Connection: EventSource {
    /// How many bytes of one connection are read in a turn: about so many.
    private static let readShare = 64 << 10
    /// How long the transport may take to tell the peer of the end.
    private static let closeTimeout = Duration.seconds(5)
    private static let lingerTimeout = Duration.seconds(2)
    private static let lingerTimeoutInShutdown = Duration.milliseconds(500)

    /// Unique in the process.
    let serial: UInt64
    /// The place among the worker's members, or `nil` for one who is not logged in.
    var membership: Int?
    /// The place in this turn's log from which on it is owed to a member.
    var owedFrom = 0

    /// The owner of this connection.
    private unowned let worker: Worker
    private let token: Token
    private let socket: Socket
    private let transport: any Transport
    private let transportKind: TransportKind
    let peer: SocketAddress
    /// Why it is not served, if it is not.
    let refusal: ProtocolError?
    private let session: Session
    private var decoder: LineDecoder
    private var outbox = Outbox()
    /// How well the peer drains what waits; `nil` while nothing does.
    private var drainMeter: DrainMeter?
    /// How many bytes that waited the transport has taken.
    private var handedOver = 0
    /// What the worker knows of this connection's part in the memory that all take.
    private var accountedSize = 0
    /// The senders wait for this receiver.
    private var isWaitedFor = false
    /// When the peer must have got on: with its handshake, its LOGIN, its next line, or its end.
    private var deadline: Instant?
    private var state = ConnectionState.establishing
    /// What the transport waits for in order to read on, and to get on with establishing or shutting down.
    private var (readWait, stateWait) = (Interest.readable, Interest.readable)
    private var isQueuedToRead = false
    /// Is not read from before the loops that are behind have caught up.
    private var isHeld = false
    private var isQueuedToSettle = false
    private var inputHasEnded = false
    /// A write was told that the peer has reset the connection. The kernel tells of that once, and of an end behind it.
    private var wasReset = false
    /// Nothing more is added to what waits: the peer is gone, or was told its last line.
    private var isDeaf = false
    /// Counts among those whose handshake is under way.
    private var isShakingHands = false
    /// Whether a certificate says who the peer is.
    private var isVerified = false
    /// The name under which the log knows the user, also behind the session's end.
    private var user: String?

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

    // MARK: Events

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
        assess()
        let now = worker.loop.now
        let isTooSlow = drainMeter.map { $0.patienceEnd <= now } ?? false
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

    // MARK: Establishing

    /// Begins, with a deadline that no single byte moves.
    func begin() {
        guard refusal == nil else { return turnAway() }
        setDeadline(after: worker.limits.handshakeTimeout)
        establish()
    }

    private func establish() {
        do {
            switch try transport.establish() {
            case .done: open()
            case .waits(let interest):
                stateWait = interest
                updateInterest()
            }
        } catch {
            fail(error)
        }
    }

    private func mayShakeHands() -> Bool {
        if !isShakingHands { isShakingHands = worker.admission.beginHandshake() }
        return isShakingHands
    }

    private func endHandshake() {
        guard isShakingHands else { return }
        isShakingHands = false
        worker.admission.endHandshake()
    }

    private func open() {
        state = .open
        endHandshake()
        log(.debug, "connected")
        if let names = transport.peerNames {
            session.identify(by: names)
            isVerified = true
        }
        setDeadline(after: worker.limits.loginTimeout)
        updateInterest()
    }

    /// The peer is not served, and is told so: with the reason, where that takes no handshake.
    private func turnAway() {
        log(.debug, "turned away", ["error": "\(refusal.map(String.init(describing:)) ?? "too many handshakes")"])
        state = .open
        transport.refuse()
        if let refusal { session.close(for: refusal) }
        drain()
    }

    // MARK: Input

    /// Reads a bounded amount, and returns how many bytes for each receiver that has led to; about `share` at the most.
    func read(through buffer: inout [UInt8], share: Int) -> Int {
        isQueuedToRead = false
        isHeld = false
        defer { updateInterest() }
        switch state {
        case .open where outbox.isEmpty: return readLines(through: &buffer, share: share)
        case .lingering: discardInput(through: &buffer)
        // A sender is not read from while its own output waits: its echo is its clock.
        default: break
        }
        return 0
    }

    /// Stops watching for input until the next read: it would be ready all the time.
    func hold() {
        isHeld = true
        updateInterest()
    }

    private func readLines(through buffer: inout [UInt8], share: Int) -> Int {
        var led = 0
        func receive(_ event: borrowing LineDecoder.Event) -> LineDecoder.Demand {
            led += take(event)
            return state == .open && led < share ? .more : .pause
        }
        // Taken out for the calls, as the outbox is.
        var decoder = LineDecoder()
        swap(&decoder, &self.decoder)
        defer { swap(&decoder, &self.decoder) }
        if decoder.isPaused { decoder.resume(receive) }
        var taken = 0
        var mayHaveLeftInput = true
        while mayHaveLeftInput, state == .open, !inputHasEnded, !decoder.isPaused, taken < Self.readShare,
            let count = readBytes(into: &buffer)
        {
            taken += count
            decoder.decode(buffer.span.extracting(0..<count), receive)
            // A peer may send each line in a record of its own.
            mayHaveLeftInput = transport.readsByRecord || count == buffer.count
        }
        if inputHasEnded, state == .open {
            decoder.finish(receive)
            session.end()
            if state == .open { drain() }
        }
        if state == .open, decoder.isPaused { queueToRead() }
        return led
    }

    /// Returns how many bytes have come, or `nil` where the transport waits or has failed.
    private func readBytes(into buffer: inout [UInt8]) -> Int? {
        do {
            var span = buffer.mutableSpan
            switch try transport.read(into: &span) {
            case .bytes(let count):
                readWait = .readable
                return count
            case .waits(let interest):
                readWait = interest
                return nil
            case .end:
                // The input was cut off: its last line may not be whole.
                guard !wasReset else {
                    fail(.truncated)
                    return nil
                }
                inputHasEnded = true
                return 0
            }
        } catch {
            fail(error)
            return nil
        }
    }

    /// Returns how many bytes the event has led to.
    private func take(_ event: borrowing LineDecoder.Event) -> Int {
        let outcome: Session.Outcome
        switch event {
        case .line(let line): outcome = session.receive(line)
        case .lineTooLong: outcome = session.receiveTooLong()
        }
        noteActivity()
        switch outcome {
        case .goesOn(let bytes): return bytes
        case .ends:
            drain()
            return 0
        }
    }

    /// The deadline of a user is counted from the last line.
    private func noteActivity() {
        if user == nil, let name = session.username {
            user = name.text
            log(.info, "logged in", isVerified ? ["verified": "yes"] : [:])
            setDeadline(after: worker.limits.idleTimeout)
        } else if user != nil, let timeout = worker.limits.idleTimeout {
            setDeadline(after: timeout)
        }
    }

    private func discardInput(through buffer: inout [UInt8]) {
        _ = readBytes(into: &buffer)
        if inputHasEnded { close() }
    }

    private func queueToRead() {
        guard !isQueuedToRead else { return }
        isQueuedToRead = true
        worker.queueReader(self)
    }

    // MARK: Output

    /// Sends what is owed of this turn's log; what cannot be sent at once waits.
    func send(_ log: Span<UInt8>) {
        let owed = log.extracting(owedFrom...)
        owedFrom = 0
        guard owed.count > 0, !isDeaf else { return }
        guard outbox.isEmpty else { return hold(owed) }
        do {
            switch try transport.write(owed) {
            case .bytes(owed.count): break
            case .bytes(let count): hold(owed.extracting(count...))
            case .waits(let interest):
                withOutbox { $0.block(until: interest) }
                hold(owed)
            }
        } catch {
            goDeaf(error)
        }
    }

    /// Not inlined: what hardly ever happens would make the way of every delivery longer.
    @inline(never)
    private func hold(_ lines: Span<UInt8>) {
        withOutbox { $0.append(lines) }
        queueToSettle()
        accountSize()
        worker.makeRoom()
    }

    /// Has lines wait behind everything that waits already.
    func enqueue(_ lines: Span<UInt8>) {
        guard lines.count > 0, !isDeaf, state == .open || state == .draining else { return }
        hold(lines)
    }

    /// Sends what waits, and goes on where a session has ended or its client is too slow.
    func settle() {
        isQueuedToSettle = false
        flush()
        if state == .open, outbox.exceeds(worker.limits.sendQueue) {
            cutOff()
        } else if state == .draining, outbox.isEmpty {
            tellEnd()
        }
        if state == .open, outbox.isEmpty, decoder.isPaused { queueToRead() }
        withOutbox { $0.endTurn() }
        assess()
        updateInterest()
    }

    private func flush() {
        do {
            handedOver += try withOutbox { outbox throws(TransportError) in try outbox.flush(over: transport) }
        } catch {
            goDeaf(error)
        }
    }

    /// Ends a receiver that is too slow, alone: the others lose nothing.
    func cutOff() {
        guard state == .open else { return goDeaf() }
        log(.info, "too slow, closing", ["waiting": "\(outbox.count)"])
        withOutbox {
            $0.keepFirstLines()
            $0.append(Reply.error(.tooSlow).bytes.span)
        }
        accountSize()
        isDeaf = true
        session.end()
        drain()
    }

    /// Up to when this receiver has paid, as ``DrainMeter`` has it; `nil` where it is not behind.
    var paidUntil: Instant? { outbox.isEmpty ? nil : drainMeter?.paidUntil ?? worker.loop.now + DrainMeter.lead }

    /// Sees how well the peer drains what waits, and what that means for the others.
    private func assess() {
        accountSize()
        let isBehind = !outbox.isEmpty && (state == .open || state == .draining)
        guard isBehind || drainMeter != nil else { return }
        drainMeter = isBehind ? measureDrain() : nil
        let isWaitedFor =
            state == .open && membership != nil && outbox.count > worker.limits.sendQueue / 2 && !worker.isCrowded
            && drainMeter.map { $0.graceEnd > worker.loop.now } ?? false
        if isWaitedFor != self.isWaitedFor {
            self.isWaitedFor = isWaitedFor
            worker.noteWaiting(isWaitedFor)
        }
        updateDeadline()
    }

    /// What the peer's kernel has acknowledged counts as drained: the poller tells of it later, and in larger lumps.
    private func measureDrain() -> DrainMeter {
        let drained = handedOver - socket.unacknowledgedCount
        let now = worker.loop.now
        guard var meter = drainMeter else {
            return DrainMeter(minimum: worker.limits.minimumDrain, drained: drained, at: now)
        }
        meter.note(drained: drained, at: now)
        return meter
    }

    private func accountSize() {
        worker.account(outbox.size - accountedSize)
        accountedSize = outbox.size
    }

    /// Takes the outbox out for a call that changes it: otherwise the runtime would watch over every access to it, those
    /// of the many who have nothing waiting too.
    private func withOutbox<Result, Failure>(
        _ change: (inout Outbox) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var outbox = Outbox()
        swap(&outbox, &self.outbox)
        defer { swap(&outbox, &self.outbox) }
        return try change(&outbox)
    }

    private func goDeaf(_ error: TransportError) {
        if case .socket(let failure) = error, failure.reason == .connectionReset { wasReset = true }
        log(.debug, "cannot be sent to", ["error": "\(error)"])
        goDeaf()
    }

    private func goDeaf() {
        isDeaf = true
        withOutbox { $0.clear() }
        queueToSettle()
    }

    private func queueToSettle() {
        guard !isQueuedToSettle else { return }
        isQueuedToSettle = true
        worker.queueSettling(self)
    }

    // MARK: The end

    /// The server ends: says so, behind what is owed, and closes.
    func shutDown() {
        switch state {
        case .establishing: return close()
        case .open:
            // The members were told by the room.
            if membership == nil { enqueue(Reply.shuttingDown.bytes.span) }
            drain()
        case .draining, .closing: break
        case .lingering: return setDeadline(after: Self.lingerTimeoutInShutdown)
        case .closed: return
        }
        setDeadline(after: worker.limits.shutdownGrace)
    }

    /// The name's verified owner has taken it back, and this user was told so in its last line.
    func expel() {
        log(.notice, "username reclaimed, closing")
        session.end()
        if state == .open { drain() }
    }

    /// The session has ended: sends what is owed, then closes.
    private func drain() {
        state = .draining
        // As one who falls behind now.
        drainMeter?.forgive(at: worker.loop.now)
        if !worker.isShuttingDown { setDeadline(after: nil) }
        queueToSettle()
    }

    private func tellEnd() {
        state = .closing
        if !worker.isShuttingDown { setDeadline(after: Self.closeTimeout) }
        do {
            // Where the peer's end has come, `linger` lets go of the socket, which closes it.
            switch try transport.shutDown(closes: inputHasEnded) {
            case .done: linger()
            case .waits(let interest):
                stateWait = interest
                updateInterest()
            }
        } catch {
            fail(error)
        }
    }

    private func linger() {
        guard !inputHasEnded else { return close() }
        state = .lingering
        setDeadline(after: worker.isShuttingDown ? Self.lingerTimeoutInShutdown : Self.lingerTimeout)
        updateInterest()
    }

    private func fail(_ error: TransportError) {
        log(.debug, "failed", ["error": "\(error)"])
        switch error {
        case .wrongTransport, .tls:
            // The peer was told why, and would not learn it from a connection that is reset.
            guard state == .establishing || state == .open else { return close() }
            endHandshake()
            session.end()
            drain()
        case .socket, .truncated: close()
        }
    }

    private func close() {
        guard state != .closed else { return }
        state = .closed
        endHandshake()
        withOutbox { $0.clear() }
        assess()
        session.end()
        log(user == nil ? .debug : .info, "disconnected")
        worker.loop.remove(token)
        worker.forget(self)
    }

    // MARK: The event loop

    private func updateInterest() {
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

    private func setDeadline(after timeout: Duration?) {
        deadline = timeout.map { worker.loop.now + $0 }
        updateDeadline()
    }

    private func updateDeadline() {
        var next = deadline
        if let drainMeter {
            let check = isWaitedFor ? drainMeter.graceEnd : drainMeter.patienceEnd
            next = min(deadline ?? check, check)
        }
        worker.loop.setDeadline(next, of: token)
    }

    private func log(_ level: Logger.Level, _ message: Logger.Message, _ details: Logger.Metadata = [:]) {
        worker.logger.log(
            level: level, message,
            metadata: details.merging([
                "connection": "\(serial)", "transport": "\(transportKind.rawValue)", "peer": "\(peer)",
                "user": "\(user ?? "-")",
            ]) { detail, _ in detail })
    }
}
