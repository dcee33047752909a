import ChatProtocol
import ChatState
import ChatTransport
import EventLoop
import FlowControl
import Logging

/// What happens to a connection by time alone.
extension Connection {
    func setDeadline(after timeout: Duration?) {
        life.setDeadline(timeout.map { worker.loop.now + $0 })
        updateDeadline()
    }

    /// Has the loop call at the earliest instant at which something changes by time alone.
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
            // Its input has come in time: it is the server that has not looked at it yet.
            life.noteOverdue()
            updateDeadline()
        // What a user has said waits, for the server or for others.
        case .open where isLate && user != nil && inbound.pause != nil: setDeadline(after: .seconds(1))
        case .establishing where isLate, .open where isLate: timeOut()
        case .draining where isLate: giveUpDraining()
        case .closing where isLate, .lingering where isLate: close()
        case .establishing, .open, .draining, .closing, .lingering, .closed:
            updateDeadline()
        }
    }

    /// Ends a peer that has not come further in time.
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

    /// Looks at how much of what was written the peer has acknowledged.
    func observeLag() {
        guard outbound.lag != nil else { return }
        outbound.observeLag(
            unacknowledged: transport.unacknowledgedCount, minimumRate: worker.limits.minimumReadRate,
            at: worker.loop.now.nanoseconds)
        worker.rooms.noteNeeds()
        updateDeadline()
    }

    /// When a receiver is disconnected that acknowledges nothing more.
    private func stallInstant(_ lag: Lag) -> Nanoseconds {
        (Instant(nanoseconds: lag.health.lastProgress) + worker.limits.stallTimeout).nanoseconds
    }

    /// A connection that ends with a deadline of its own has that alone.
    private var mayStall: Bool { life.state == .open || life.deadline == nil }

    private var isStalled: Bool {
        guard mayStall, let lag = outbound.lag else { return false }
        return stallInstant(lag) <= worker.loop.now.nanoseconds
    }
}
