import ChatProtocol
import ChatState
import ChatTransport
import EventLoop
import FlowControl
import Logging
import SystemPackage

/// How output is sent to the peer, and how a slow consumer is disconnected.
extension Connection {
    /// How long a receiver that is too slow may take for its last line.
    private static let lastLineTimeout = Duration.seconds(30)

    /// Sends room lines to a member that has nothing else pending.
    @inline(__always)
    func deliver(_ tail: LogTail) {
        let position = outbound.output.cursor
        // A receiver that lags is queued to be flushed, or waits for its socket.
        guard position < tail.end, outbound.takesSweeps else { return }
        guard position >= tail.start else { return queueFlush() }
        do {
            let progress = try tail.withBytes(from: position) { bytes throws(TransportError) in
                try transport.write(bytes)
            }
            if case .bytes(let count) = progress, count == tail.end - position {
                outbound.advance(to: tail.end)
            } else {
                beginToLag(progress, tail)
            }
        } catch {
            discardOutput(error)
        }
    }

    /// Not inlined: this rare path would slow down every delivery.
    @inline(never)
    private func beginToLag(_ progress: WriteProgress, _ tail: LogTail) {
        outbound.advance(by: progress, in: tail)
        queueFlush()
    }

    /// Sends pending output until the transport takes no more or the limit for a turn is reached.
    func flush(through scratch: inout [UInt8]) {
        guard life.state == .open || life.state == .draining else { return }
        // It may have entered a room and left it again since the loop collected, and the room may have dropped those lines.
        if outbound.output.hasLostLines { disconnectSlowConsumer() }
        guard life.state < .closed else { return }
        do {
            try outbound.send(
                over: transport, through: &scratch, produce: { worker.produce(&$0, for: self) },
                delivered: { worker.collector.noteDelivered($0, to: self) })
        } catch {
            discardOutput(error)
        }
        if outbound.takeTried() { worker.collector.noteTried(self) }
        if !outbound.output.isEmpty, outbound.wait == nil { queueFlush() }
        updateLag()
        if life.state == .draining, outbound.isEmpty { return tellEnd() }
        if inbound.pause == .replies, !inbound.mustPause(outbound.output.replies, at: worker.collector.memory) {
            inbound.resume()
            worker.readQueues.append(self)
        }
        worker.collector.account(self, size: memorySize)
        updateInterest()
    }

    /// Begins or ends the lag of a receiver, or updates it.
    func updateLag() {
        if outbound.isEmpty {
            guard outbound.lag != nil else { return }
            outbound.endLag()
            worker.rooms.removeLagging(self)
            updateDeadline()
        } else if outbound.lag == nil {
            outbound.beginLag(unacknowledged: unacknowledgedCount, at: worker.loop.now.nanoseconds)
            worker.rooms.addLagging(self)
            updateDeadline()
        } else {
            observeLag()
        }
    }

    /// Disconnects a receiver that is too slow. Other receivers lose nothing.
    func disconnectSlowConsumer() {
        guard life.state == .open || outbound.output.reader != nil else { return close() }
        log(.info, "too slow, closing", ["reason": "too-slow"])
        session.end()
        outbound.cut(Reply.error(.tooSlow).bytes)
        drain(within: Self.lastLineTimeout)
        worker.rooms.noteNeeds()
        worker.collector.account(self, size: memorySize)
    }

    private func discardOutput(_ error: TransportError) {
        if case .socket(let failure) = error, failure.reason == .connectionReset { inbound.noteReset() }
        log(.debug, "cannot be sent to", ["error": "\(error)"])
        outbound.discard()
        queueFlush()
    }

    /// Queues the connection to be flushed in this turn or in a later one.
    func queueFlush() {
        worker.writers.append(self)
    }
}
