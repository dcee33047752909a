import ChatProtocol
import ChatRoom
import ChatTransport
import EventLoop
import Logging
import SystemPackage

/// How what the room has decided reaches the peer, and what becomes of a peer that does not read it.
extension Connection {
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

    /// Has what members get up to a place in this turn's log wait, before what this one alone gets there.
    func owe(_ log: Span<UInt8>, upTo place: Int, which position: Int) {
        if isLagging {
            withOutbox { $0.advance(to: position) }
        } else {
            enqueue(log.extracting(owedFrom..<place))
            owedFrom = place
        }
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
        if isLagging, outbox.hasCaughtUp(with: worker.sharedLog) { worker.catchUp(self) }
        if state == .open, outbox.exceeds(worker.limits.sendQueue, of: worker.sharedLog) {
            cutOff()
        } else if state == .draining, outbox.isEmpty {
            tellEnd()
        }
        if state == .open, outbox.isEmpty, decoder.isPaused { queueToRead() }
        withOutbox { $0.endTurn() }
        if membership != nil, !isLagging, !outbox.isEmpty, !isDeaf { worker.fallBehind(self) }
        watchDrain()
        updateInterest()
    }

    private func flush() {
        do {
            handedOver += try withOutbox { outbox throws(TransportError) in
                try outbox.flush(over: transport, from: worker.sharedLog)
            }
        } catch {
            goDeaf(error)
        }
    }

    /// Ends a receiver that is too slow, alone: the others lose nothing.
    func cutOff() {
        guard state == .open else { return goDeaf() }
        log(.info, "too slow, closing", ["waiting": "\(waitingCount)"])
        withOutbox {
            $0.keepFirstLines(of: worker.sharedLog)
            $0.append(Reply.error(.tooSlow).bytes.span)
        }
        accountSize()
        isDeaf = true
        session.end()
        drain()
    }

    /// Whether it takes more than one that is cut off keeps.
    var givesRoom: Bool { accountedSize > Record.maximumSize }

    /// Up to when this receiver has paid, as ``DrainMeter`` has it; `nil` where it is not behind.
    func settledAccount() -> Instant? {
        guard isBehind else { return nil }
        assess()
        return drainWatch.paidUntil
    }

    private var isBehind: Bool { waitingCount > 0 && (state == .open || state == .draining) }

    /// In bytes.
    private var waitingCount: Int { outbox.count(at: worker.sharedLog.end) }

    /// From so many bytes on those who flood wait for it, if it keeps up, and until nothing waits. Those who say little do so
    /// later, and find room where one who floods has filled the queue.
    private var floodsWatermark: Int { worker.limits.sendQueue / 4 }
    private var watermark: Int { worker.limits.sendQueue / 2 }

    /// In bytes.
    private var roomBelowNextWatermark: Int {
        let count = waitingCount
        if count <= floodsWatermark { return floodsWatermark - count }
        if count <= watermark { return watermark - count }
        return max(worker.limits.sendQueue - count, -1)
    }

    private var wantedHold: Hold {
        guard state == .open, membership != nil else { return .nobody }
        if waitingCount > watermark { return .everybody }
        let mayWait = waitingCount > floodsWatermark || drainWatch.isLasting || drainWatch.hold != .nobody
        return mayWait && waitingCount > 0 ? .floods : .nobody
    }

    /// Sees whether it makes a difference now how well the peer drains what waits. Of most of those who are behind it is
    /// looked at only when their time is up: there may be a thousand of them in every turn.
    func watchDrain() {
        accountSize()
        nextCheck = worker.sharedLog.end + roomBelowNextWatermark + 1
        if drainWatch.isOn != isBehind || drainWatch.hold != .nobody || wantedHold != .nobody { assess() }
    }

    /// Sees how well the peer drains what waits, and what that means for the others.
    func assess() {
        let oldHold = drainWatch.hold
        if isBehind {
            // What the peer's kernel has acknowledged counts: the poller tells of it later, and in larger lumps.
            drainWatch.note(
                drained: handedOver - socket.unacknowledgedCount, minimum: worker.limits.minimumDrain,
                at: worker.loop.now)
            drainWatch.setHold(wantedHold, at: worker.loop.now)
        } else {
            drainWatch.end()
        }
        worker.noteHold(drainWatch.hold, insteadOf: oldHold)
        updateDeadline()
    }

    private func accountSize() {
        worker.account(outbox.size - accountedSize)
        accountedSize = outbox.size
    }

    /// Takes the outbox out for a call that changes it: otherwise the runtime would watch over every access to it, those
    /// of the many who have nothing waiting too.
    func withOutbox<Result, Failure>(
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
        accountSize()
        queueToSettle()
    }

    func queueToSettle() {
        guard !isQueuedToSettle else { return }
        isQueuedToSettle = true
        worker.queueSettling(self)
    }
}
