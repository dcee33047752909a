import ChatProtocol
import ChatRoom
import ChatTransport
import EventLoop
import Logging

/// How what the peer says becomes lines, and lines become what the room decides.
extension Connection {
    /// How many bytes of one connection are read in a turn: about so many.
    private static let readShare = 64 << 10

    /// Whether what it says may lead to something.
    var isSpeaking: Bool { state == .open }

    /// Whether it had more to say than its share when it was last read, or says more than anybody types.
    var isFlooding: Bool { isSpeaking && (decoder.isPaused || speechMeter.exceeds(at: worker.loop.now)) }

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

    /// What it takes to look at a line, whatever that leads to, as so many bytes for each receiver.
    private static let lineCost = 16

    /// Returns how many bytes the event has led to, or costs as much as.
    private func take(_ event: borrowing LineDecoder.Event) -> Int {
        let outcome: Session.Outcome
        switch event {
        case .line(let line): outcome = session.receive(line)
        case .lineTooLong: outcome = session.receiveTooLong()
        }
        noteActivity()
        switch outcome {
        case .goesOn(let bytes): return bytes + Self.lineCost
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

    func queueToRead() {
        guard !isQueuedToRead else { return }
        isQueuedToRead = true
        worker.queueReader(self)
    }
}
