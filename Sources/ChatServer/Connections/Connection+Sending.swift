import ChatProtocol
import ChatState
import ChatTransport
import EventLoop
import FlowControl
import Logging
import SystemPackage

/// How what the order has decided reaches the peer, and what becomes of a peer that does not read it.
extension Connection {
    /// Sends room lines to a member that has nothing else pending.
    @inline(__always)
    func deliver(_ tail: LogTail) {
        let position = output.cursor
        // One that lags is queued to be flushed, or waits for its socket.
        guard position < tail.end, output.hasOnlyRoomLines, lag == nil, outputWait == nil else { return }
        guard position >= tail.start else { return queueFlush() }
        do {
            let progress = try tail.withBytes(from: position) { bytes throws(TransportError) in
                try transport.write(bytes)
            }
            if case .bytes(let count) = progress, count == tail.end - position {
                output.advance(to: tail.end)
            } else {
                beginToLag(progress, tail)
            }
        } catch {
            discardOutput(error)
        }
    }

    /// Not inlined: what hardly ever happens would make the way of every delivery longer.
    @inline(never)
    private func beginToLag(_ progress: WriteProgress, _ tail: LogTail) {
        let count = accept(progress)
        if count > 0 {
            let position = output.cursor
            tail.withBytes(from: position) { output.advance(to: position + count, lastByte: $0[count - 1]) }
        }
        queueFlush()
    }

    /// Returns how many bytes the transport has accepted, and notes what it waits for.
    private func accept(_ progress: WriteProgress) -> Int {
        switch progress {
        case .bytes(let count): return count
        case .unfinished(let count, let interest):
            outputWait = interest
            return count
        case .waits(let interest):
            outputWait = interest
            return 0
        }
    }

    /// Sends what is pending, as far as the transport takes it and a turn allows it.
    func flush(through scratch: inout [UInt8]) {
        places.isQueuedToFlush = false
        guard life.state == .open || life.state == .draining else { return }
        // A late event loop learns only now that the room has dropped what the receiver needs.
        if output.hasLostLines { disconnectSlowConsumer() }
        guard life.state < .closed else { return }
        do {
            if outputWait == nil, case .waits(let interest) = try transport.flush() { outputWait = interest }
            var sent = 0
            while outputWait == nil, !output.isEmpty, sent < PendingLimits.turn {
                let count = try send(through: &scratch)
                guard count > 0 else { break }
                sent += count
            }
        } catch {
            discardOutput(error)
        }
        if places.hasUntriedMessages {
            places.hasUntriedMessages = false
            worker.report.tried.append(accepted.serial)
        }
        if !output.isEmpty, outputWait == nil { queueFlush() }
        updateLag()
        if life.state == .draining, output.isEmpty, outputWait == nil { return tellEnd() }
        if input.pause == .replies, !input.mustPause(output, at: worker.memory) {
            input.pause = nil
            worker.queueReader(self)
        }
        worker.account(self)
        updateInterest()
    }

    private func send(through scratch: inout [UInt8]) throws(TransportError) -> Int {
        var wait: Interest?
        // Taken out for the call, which asks the worker for lists.
        var output = Output()
        swap(&output, &self.output)
        defer {
            swap(&output, &self.output)
            outputWait = wait
        }
        let written = try output.send(
            through: &scratch, produce: { worker.produce(&$0, for: self) },
            delivered: { worker.report.delivered.append((accepted.serial, $0)) },
            { bytes throws(TransportError) in
                switch try transport.write(bytes) {
                case .bytes(let count): return count
                case .unfinished(let count, let interest):
                    wait = interest
                    return count
                case .waits(let interest):
                    wait = interest
                    return 0
                }
            })
        lag?.noteWritten(written.count, replies: written.replies)
        return written.count
    }

    /// Begins or ends to watch over a receiver that lags.
    func updateLag() {
        guard life.state < .closed else { return }
        if output.isEmpty, outputWait == nil {
            guard lag != nil else { return }
            lag = nil
            worker.removeLagging(self)
            updateDeadline()
        } else if lag == nil {
            lag = Lag(unacknowledged: transport.unacknowledgedCount, at: worker.loop.now.nanoseconds)
            worker.addLagging(self)
            updateDeadline()
        } else {
            observeLag()
        }
    }

    /// Looks at how much of what was written the peer has acknowledged.
    func observeLag() {
        guard lag != nil else { return }
        lag?.observe(
            unacknowledged: transport.unacknowledgedCount, minimumRate: worker.limits.minimumReadRate,
            at: worker.loop.now.nanoseconds)
        worker.noteNeeds()
        updateDeadline()
    }

    /// When a receiver is disconnected that acknowledges nothing more.
    func stallInstant(_ lag: Lag) -> Nanoseconds {
        (Instant(nanoseconds: lag.health.lastProgress) + worker.limits.stallTimeout).nanoseconds
    }

    var isStalled: Bool { lag.map { stallInstant($0) <= worker.loop.now.nanoseconds } ?? false }

    /// Ends a receiver that is too slow, alone: the others lose nothing.
    func disconnectSlowConsumer() {
        guard life.state == .open || output.reader != nil else { return close() }
        log(.info, "too slow, closing", ["reason": "too-slow"])
        session.end()
        output.cut(Reply.error(.tooSlow).bytes)
        life.advance(to: .draining)
        input.pause = nil
        if !worker.isShuttingDown { setDeadline(after: Self.lastLineTimeout) }
        queueFlush()
        worker.noteNeeds()
    }

    func discardOutput(_ error: TransportError) {
        if case .socket(let failure) = error, failure.reason == .connectionReset { input.wasReset = true }
        log(.debug, "cannot be sent to", ["error": "\(error)"])
        output.discard()
        outputWait = nil
        queueFlush()
    }

    func queueFlush() {
        guard !places.isQueuedToFlush else { return }
        places.isQueuedToFlush = true
        worker.queueFlush(self)
    }
}
