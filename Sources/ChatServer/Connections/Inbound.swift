import ChatProtocol
import ChatState
import ChatTransport
import EventLoop
import FlowControl

/// The input of one peer, and the reason if it is not read.
struct Inbound {
    /// Why lines that may be there are not read.
    enum Pause: Equatable {
        /// Too many of the peer's own replies are pending.
        case replies
        /// A line waits, at the latest until an instant.
        case order(until: Nanoseconds)
        /// The connection is on its way to another event loop.
        case moving
    }

    /// Why a read has stopped.
    enum Stop {
        /// The allowance is used up: there may be more.
        case allowance
        /// No more input has come, or the next line waits.
        case nothing
        /// The session has ended, or the peer has ended its stream, and every line of it was received.
        case end
        case failure(TransportError)
    }

    /// What one read has cost.
    private struct Spent {
        let allowance: Int
        let isAlone: Bool
        var cost = 0
        /// The later cost for the room.
        var fanOut = 0
        var endsSession = false

        var isUsedUp: Bool { cost + (isAlone ? 0 : fanOut) >= allowance }
    }

    private var decoder: LineDecoder
    /// The event that the transport waits for in order to read.
    private(set) var wait = Interest.readable
    private(set) var pause: Pause?
    /// The peer has ended its stream.
    private(set) var hasEnded = false
    /// A write failed because the peer has reset the connection. The kernel reports a reset once, and then only an end.
    private var wasReset = false
    /// Replies that the session has produced and that are not in the output yet.
    private var announced = PendingReplies()

    init(maximumLineLength: Int) {
        decoder = LineDecoder(maximumLineLength: maximumLineLength)
    }

    /// The memory that unread input takes, in bytes.
    var size: Int { decoder.keptSize }

    /// Notes that a write failed because the peer has reset the connection.
    mutating func noteReset() {
        wasReset = true
    }

    /// The replies have arrived in the output. All that the session produces in a turn arrive together at its end.
    mutating func noteReplies() {
        announced = PendingReplies()
    }

    /// Ends the pause, whatever its reason.
    mutating func resume() {
        pause = nil
    }

    /// Whether too many of the peer's own replies are pending to read more. `pending` are the replies in the output.
    func mustPause(_ pending: PendingReplies, at memory: MemoryBudget.Level) -> Bool {
        (announced + pending).exceedsLimits(at: memory)
    }

    /// Reads until an estimated cost of about `allowance` is used, and passes each line to `receive`, which returns `nil` if
    /// the connection moves first. Unless `isAlone`, the later cost for the room counts as well: others have their turns.
    mutating func read(
        from transport: any Transport, through buffer: inout [UInt8], allowance: Int, isAlone: Bool,
        pending: PendingReplies, at memory: MemoryBudget.Level,
        _ receive: (borrowing LineDecoder.Event) -> Session.Outcome?
    ) -> (cost: Int, fanOut: Int, stop: Stop) {
        pause = nil
        var spent = Spent(allowance: allowance, isAlone: isAlone)
        // Moved out for the calls: otherwise the runtime would check every access for exclusivity.
        var decoder = LineDecoder()
        swap(&decoder, &self.decoder)
        defer { swap(&decoder, &self.decoder) }
        if decoder.isPaused { decoder.resume { take(receive($0), &spent, pending, memory) } }
        var isDrained = false
        do {
            while !isDrained, !decoder.isPaused, !hasEnded, !spent.isUsedUp {
                guard let count = try readBytes(from: transport, into: &buffer) else {
                    isDrained = true
                    break
                }
                spent.cost += Cost.read + count
                decoder.decode(buffer.span.extracting(0..<count)) { take(receive($0), &spent, pending, memory) }
                // A peer may send each line in a record of its own.
                isDrained = count < buffer.count && !transport.readsByRecord
            }
        } catch {
            return (spent.cost, spent.fanOut, .failure(error))
        }
        if hasEnded, !decoder.isPaused { decoder.finish { take(receive($0), &spent, pending, memory) } }
        if spent.endsSession || (hasEnded && !decoder.isPaused) { return (spent.cost, spent.fanOut, .end) }
        let hasMore = pause == nil && (decoder.isPaused || !isDrained)
        return (spent.cost, spent.fanOut, hasMore ? .allowance : .nothing)
    }

    /// Notes the outcome of a line: `nil` if the connection moves first.
    private mutating func take(
        _ outcome: Session.Outcome?, _ spent: inout Spent, _ pending: PendingReplies, _ memory: MemoryBudget.Level
    ) -> LineDecoder.Demand {
        switch outcome {
        case .continues(let work)?:
            spent.cost += work.cost
            spent.fanOut += work.fanOut
            announced.bytes += work.replyBytes
            announced.lists += work.lists
            if mustPause(pending, at: memory) { pause = .replies }
            return pause == nil && !spent.isUsedUp ? .more : .pause
        case .waits(let instant, let cost)?:
            spent.cost += cost
            pause = .order(until: instant)
            return .keep
        case .ends?:
            spent.cost += Cost.line
            spent.endsSession = true
            return .pause
        case nil:
            spent.cost += Cost.line
            pause = .moving
            return .keep
        }
    }

    /// Reads input and discards it.
    mutating func discard(from transport: any Transport) throws(TransportError) {
        var buffer = [UInt8](repeating: 0, count: Record.maximumSize)
        _ = try readBytes(from: transport, into: &buffer)
    }

    /// Returns how many bytes have come, 0 at the end, or `nil` if the transport waits.
    private mutating func readBytes(
        from transport: any Transport, into buffer: inout [UInt8]
    ) throws(TransportError) -> Int? {
        var span = buffer.mutableSpan
        switch try transport.read(into: &span) {
        case .bytes(let count):
            wait = .readable
            return count
        case .waits(let interest):
            wait = interest
            return nil
        case .end:
            // The input was truncated: its last line may not be whole.
            guard !wasReset else { throw .truncated }
            hasEnded = true
            return 0
        }
    }
}
