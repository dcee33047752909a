import ChatProtocol
import ChatState
import ChatTransport
import EventLoop
import FlowControl
import Logging

/// How the worker reads a peer's lines.
extension Connection {
    /// Whether the worker may read from it.
    var isReadable: Bool {
        guard life.state == .open else { return false }
        return switch inbound.pause {
        // A line that waits may be tried at any time.
        case nil, .order?: true
        case .replies?, .moving?: false
        }
    }

    /// Reads until an estimated cost of about `allowance` is used. Returns the cost, without the later cost for the room.
    func read(through buffer: inout [UInt8], allowance: Int, isAlone: Bool) -> Int {
        // Each access to an unowned reference costs two atomic operations.
        let worker = worker
        let now = worker.loop.now.nanoseconds
        let wasUser = user != nil
        var hasLine = false
        let (cost, fanOut, stop) = inbound.read(
            from: transport, through: &buffer, allowance: allowance, isAlone: isAlone,
            pending: outbound.output.replies, at: worker.collector.memory
        ) { event in
            hasLine = true
            return take(event, at: now)
        }
        // The deadline of a user is counted from the last line.
        if hasLine, user != nil, !wasUser || worker.limits.idleTimeout != nil {
            setDeadline(after: worker.limits.idleTimeout)
        }
        var hasMore = false
        switch stop {
        case .allowance: hasMore = true
        case .nothing: break
        case .end:
            session.end()
            drain()
        case .failure(let error): fail(error)
        }
        worker.readQueues.charge(self, cost + fanOut, hasMore: hasMore)
        guard life.state == .open else { return cost }
        worker.collector.account(self, size: memorySize)
        if inbound.pause != nil { updateDeadline() }
        // A LOGIN that moves is decided on by the other event loop.
        if life.decidesAfterInput, inbound.pause != .moving {
            timeOut()
        } else if !hasMore || places.reader.hasUnreadInput {
            updateInterest()
        }
        return cost
    }

    /// Returns `nil` if the connection moves to another event loop first, and then receives the line again.
    private func take(_ event: borrowing LineDecoder.Event, at now: Nanoseconds) -> Session.Outcome? {
        let wasUser = user != nil
        let outcome: Session.Outcome
        switch event {
        case .line(let line):
            if isAboutToMove(by: line) { return nil }
            outcome = session.receive(line, at: now)
        case .lineTooLong: outcome = session.receiveTooLong()
        }
        if !wasUser, user != nil { log(.info, "logged in", session.isVerified ? ["verified": "yes"] : [:]) }
        return outcome
    }

    /// Before its LOGIN, a connection moves to the event loop that serves its room's members.
    private func isAboutToMove(by line: Span<UInt8>) -> Bool {
        guard !places.home.isMember, user == nil, case .login = Command(line) else { return false }
        return worker.pool.placeMember(self)
    }

    func discardInput() {
        do {
            try inbound.discard(from: transport)
        } catch {
            return fail(error)
        }
        if inbound.hasEnded { close() } else { updateInterest() }
    }
}
