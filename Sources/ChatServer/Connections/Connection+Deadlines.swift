import ChatProtocol
import ChatState
import ChatTransport
import EventLoop
import FlowControl
import Logging

/// The deadlines of a connection.
extension Connection {
    func setDeadline(after timeout: Duration?) {
        life.setDeadline(timeout.map { worker.loop.now + $0 })
        updateDeadline()
    }

    /// Sets the loop's deadline for this connection to the earliest of the connection's own deadlines.
    func updateDeadline() {
        var next = life.deadline?.nanoseconds ?? .max
        if let lag = outbound.lag {
            next = min(next, lag.health.nextChange ?? .max, mayStall ? stallInstant(lag) : .max)
        }
        if case .order(let instant)? = inbound.pause {
            if instant > worker.loop.now.nanoseconds {
                next = min(next, instant)
            } else {
                worker.readQueues.append(self)
            }
        }
        worker.loop.setDeadline(next == .max ? nil : Instant(nanoseconds: next), of: token)
    }

    func deadlinePassed() {
        observeLag()
        let isLate = life.isLate(at: worker.loop.now)
        switch life.state {
        case .open where isStalled, .draining where isStalled: disconnectSlowConsumer()
        case .establishing where isLate && places.handshake.isQueued,
            .open where isLate && (places.reader.isQueued || schedule.isQueued):
            // Its input has come in time, but the server has not read it yet.
            life.decideAfterInput()
            updateDeadline()
        // A line of the user waits, for the server or for receivers, so the user is not idle.
        case .open where isLate && user != nil && inbound.pause != nil: setDeadline(after: .seconds(1))
        case .establishing where isLate, .open where isLate: timeOut()
        case .draining where isLate: abandonOutput()
        case .closing where isLate, .lingering where isLate: close()
        case .establishing, .open, .draining, .closing, .lingering, .closed:
            updateDeadline()
        }
    }

    /// Ends a connection whose peer has missed its deadline.
    func timeOut() {
        guard life.state == .open else {
            log(.debug, "timed out in the handshake, closing")
            return close()
        }
        let reason: ProtocolError = user == nil ? .loginTimeout : .idleTimeout
        log(.info, "timed out, closing", ["error": "\(reason)"])
        session.close(for: reason)
        drain()
    }

    // MARK: Lag

    /// Updates how many of the written bytes the peer has acknowledged.
    func observeLag() {
        guard outbound.lag != nil else { return }
        outbound.observeLag(
            unacknowledged: unacknowledgedCount, minimumRate: worker.limits.minimumReadRate,
            at: worker.loop.now.nanoseconds)
        worker.rooms.noteNeeds()
        updateDeadline()
    }

    /// How many bytes the transport has accepted that the peer has not acknowledged. The rest of an unfinished record is
    /// counted before the kernel has it.
    var unacknowledgedCount: Int { transport.unacknowledgedCount + transport.unfinishedSize }

    /// The instant at which a receiver is disconnected if it acknowledges nothing more.
    private func stallInstant(_ lag: Lag) -> Nanoseconds {
        (Instant(nanoseconds: lag.health.lastProgress) + worker.limits.stallTimeout).nanoseconds
    }

    /// The stall timeout does not apply to a connection that ends with a deadline of its own.
    private var mayStall: Bool { life.state == .open || life.deadline == nil }

    private var isStalled: Bool {
        guard mayStall, let lag = outbound.lag else { return false }
        return stallInstant(lag) <= worker.loop.now.nanoseconds
    }
}
