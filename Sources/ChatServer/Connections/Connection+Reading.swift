import ChatProtocol
import ChatState
import ChatTransport
import EventLoop
import FlowControl
import Logging

/// How what the peer sends becomes lines, and what becomes of these.
extension Connection {
    /// Whether the worker may read from it.
    var isReadable: Bool {
        guard life.state == .open else { return false }
        return switch input.pause {
        // A line that waits may be tried at any time.
        case nil, .order?: true
        case .replies?, .moving?: false
        }
    }

    /// Reads for about so much estimated cost. Returns the cost, and whether there may be more to read.
    func read(through buffer: inout [UInt8], allowance: Int) -> (cost: Int, hasMore: Bool) {
        input.pause = nil
        input.hasLeftovers = false
        var cost = 0
        func receive(_ event: borrowing LineDecoder.Event) -> LineDecoder.Demand {
            let (demand, lineCost) = take(event)
            cost += lineCost
            return demand == .more && cost >= allowance ? .pause : demand
        }
        // Taken out for the calls: otherwise the runtime would watch over every access to it.
        var decoder = LineDecoder()
        swap(&decoder, &input.decoder)
        if decoder.isPaused { decoder.resume(receive) }
        var isDrained = false
        while life.state == .open, !decoder.isPaused, !input.hasEnded, cost < allowance {
            guard let count = readBytes(into: &buffer) else {
                isDrained = true
                break
            }
            cost += Cost.read + count
            decoder.decode(buffer.span.extracting(0..<count), receive)
            // A peer may send each line in a record of its own.
            if count < buffer.count, !transport.readsByRecord {
                isDrained = true
                break
            }
        }
        if input.hasEnded, life.state == .open, !decoder.isPaused { decoder.finish(receive) }
        let isPaused = decoder.isPaused
        swap(&decoder, &input.decoder)
        if input.hasEnded, life.state == .open, !isPaused {
            session.end()
            drain()
        }
        guard life.state == .open else { return (cost, false) }
        let hasMore = input.pause == nil && (isPaused || !isDrained)
        // While it is queued for another turn, the poller need not tell of its input again and again.
        input.hasLeftovers = hasMore && input.queuedTurn < worker.turnNumber
        if !hasMore || input.hasLeftovers { updateInterest() }
        if input.pause != nil { updateDeadline() }
        worker.account(self)
        return (cost, hasMore)
    }

    /// Returns how many bytes have come, 0 at the end, or `nil` if the transport waits or has failed.
    private func readBytes(into buffer: inout [UInt8]) -> Int? {
        do {
            var span = buffer.mutableSpan
            switch try transport.read(into: &span) {
            case .bytes(let count):
                input.wait = .readable
                return count
            case .waits(let interest):
                input.wait = interest
                return nil
            case .end:
                // The input was cut off: its last line may not be whole.
                guard !input.wasReset else {
                    fail(.truncated)
                    return nil
                }
                input.hasEnded = true
                return 0
            }
        } catch {
            fail(error)
            return nil
        }
    }

    private func take(_ event: borrowing LineDecoder.Event) -> (LineDecoder.Demand, cost: Int) {
        let outcome: Session.Outcome
        switch event {
        case .line(let line):
            if isAboutToMove(by: line) {
                input.pause = .moving
                return (.keep, Cost.line)
            }
            outcome = session.receive(line, at: worker.loop.now.nanoseconds)
        case .lineTooLong: outcome = session.receiveTooLong()
        }
        noteActivity()
        switch outcome {
        case .continues(let work):
            input.note(work)
            guard input.mustPause(output, at: worker.memory) else { return (.more, work.cost) }
            input.pause = .replies
            return (.pause, work.cost)
        case .waits(let instant, let cost):
            input.pause = .order(until: instant)
            return (.keep, cost)
        case .ends:
            drain()
            return (.pause, Cost.line)
        }
    }

    /// Before its LOGIN, a connection moves to the event loop that serves its room's members.
    private func isAboutToMove(by line: Span<UInt8>) -> Bool {
        guard !places.isCounted, user == nil, case .login = Command(line) else { return false }
        places.isCounted = true
        return worker.placeMember(self)
    }

    /// The deadline of a user is counted from the last line.
    private func noteActivity() {
        if user == nil, let name = session.username {
            user = name.text
            log(.info, "logged in", session.isVerified ? ["verified": "yes"] : [:])
            setDeadline(after: worker.limits.idleTimeout)
        } else if user != nil, let timeout = worker.limits.idleTimeout {
            setDeadline(after: timeout)
        }
    }

    func discardInput() {
        _ = worker.withBuffer { readBytes(into: &$0) }
        if input.hasEnded { close() } else { updateInterest() }
    }
}
