import ChatProtocol
import ChatTransport
import DequeModule
import EventLoop

/// What waits to be sent to one connection, in order, and how it leaves. Takes no memory while nothing waits.
///
/// What one receiver alone gets waits here. Of what everybody gets, one that lags has only ranges of the
/// ``SharedLog``, the last of which goes on to the log's end: a thousand who have stalled cost the others nothing.
struct Outbox {
    private enum Part {
        case own([UInt8])
        case shared(Range<Int>)
    }

    /// Own lines begin a new part behind so many bytes: what is sent is freed by the part.
    private static let partSize = 64 << 10
    /// What an own part takes besides its bytes, and the range behind it: a DM to one that lags may be shorter.
    private static let partCost = 128

    private var parts: Deque<Part> = []
    /// How many bytes of the first part are sent, where that is an own one.
    private var sent = 0
    /// From which position on the shared log waits, behind the parts; `nil` for one that does not lag.
    private var followed: Int?
    /// In bytes: what the parts hold that is not sent.
    private var heldCount = 0
    /// How many own bytes have come in this turn, and how many in the fullest turn since nothing waited.
    private var (fresh, fullestTurn) = (0, 0)
    /// The socket has not been ready since the transport last waited for it.
    private var isBlocked = false

    /// The memory that own lines take, in bytes.
    private(set) var size = 0
    /// What the transport waits for before it takes more.
    private(set) var wait = Interest.writable

    /// Whether nothing waits and, unless more is appended, nothing will.
    var isEmpty: Bool { parts.isEmpty && followed == nil }

    /// In bytes, where the shared log ends at `end`.
    func count(at end: Int) -> Int { heldCount + (followed.map { end - $0 } ?? 0) }

    /// The position from which on the shared log must be kept, if any of it waits here.
    var firstShared: Int? {
        for case .shared(let range) in parts { return range.lowerBound }
        return followed
    }

    /// Whether more waits than `limit` and what one turn has brought: a receiver is not slow because it is told much at
    /// once, such as who is in a full room.
    func exceeds(_ limit: Int, of log: SharedLog) -> Bool {
        count(at: log.end) > limit + max(fullestTurn, log.largestAddition)
    }

    mutating func append(_ lines: Span<UInt8>) {
        var bytes: [UInt8] = []
        // Taken out meanwhile: it would be copied otherwise.
        if case .own(let last)? = parts.last, last.count < Self.partSize {
            bytes = last
            parts.removeLast()
            size -= Self.cost(of: last)
        }
        bytes.append(lines)
        size += Self.cost(of: bytes)
        parts.append(.own(bytes))
        heldCount += lines.count
        fresh += lines.count
        fullestTurn = max(fullestTurn, fresh)
    }

    /// From this position on, and behind what waits already, the shared log waits.
    mutating func follow(from position: Int) {
        followed = position
    }

    /// Of the shared log, what lies before a position comes before what is appended next.
    mutating func advance(to position: Int) {
        guard let start = followed, start < position else { return }
        parts.append(.shared(start..<position))
        heldCount += position - start
        followed = position
    }

    /// Of the shared log, nothing more comes to wait, and what waits is its own from here on: nobody keeps the log for it.
    mutating func unfollow(_ log: SharedLog) {
        followed = nil
        for place in parts.indices {
            guard case .shared(let range) = parts[place] else { continue }
            let bytes = log.bytes(range)
            size += Self.cost(of: bytes)
            parts[place] = .own(bytes)
        }
        if isEmpty { clear() }
    }

    /// Whether nothing waits, for one that may follow the shared log.
    func hasCaughtUp(with log: SharedLog) -> Bool { count(at: log.end) == 0 }

    /// What has come up to now had its turn.
    mutating func endTurn() {
        fresh = 0
    }

    /// Sends what waits, as far as the transport takes it. Returns how many bytes it has taken.
    mutating func flush(over transport: any Transport, from log: SharedLog) throws(TransportError) -> Int {
        let waiting = count(at: log.end)
        while !isBlocked, !hasCaughtUp(with: log) {
            switch try writeFirst(over: transport, from: log) {
            case .bytes(let count): consume(count)
            case .waits(let interest): block(until: interest)
            }
        }
        return waiting - count(at: log.end)
    }

    /// The socket is ready for what the transport waits for.
    mutating func unblock() {
        isBlocked = false
    }

    /// Forgets what waits: nobody is left to read it.
    mutating func clear() {
        parts = []
        sent = 0
        followed = nil
        heldCount = 0
        (fresh, fullestTurn) = (0, 0)
        size = 0
    }

    /// Drops all lines but the first ones: those that the transport may have sent in part.
    mutating func keepFirstLines(of log: SharedLog) {
        var kept: [UInt8] = []
        advance(to: log.end)
        while let piece = takePiece(from: log) {
            kept += piece
            guard kept.count >= Record.maximumSize else { continue }
            if let end = kept[(Record.maximumSize - 1)...].firstIndex(of: UInt8(ascii: "\n")) {
                kept.removeSubrange((end + 1)...)
                break
            }
        }
        clear()
        append(kept.span)
    }

    /// The transport takes nothing before the socket is ready for this.
    mutating func block(until interest: Interest) {
        isBlocked = true
        wait = interest
    }

    private func writeFirst(
        over transport: any Transport, from log: SharedLog
    ) throws(TransportError) -> WriteProgress {
        switch parts.first {
        case .own(let bytes)?: try transport.write(bytes.span.extracting(sent...))
        case .shared(let range)?: try log.write(range, over: transport)
        case nil: try log.write((followed ?? log.start)..<log.end, over: transport)
        }
    }

    private mutating func consume(_ count: Int) {
        switch parts.first {
        case .own(let bytes)?:
            heldCount -= count
            sent += count
            if sent == bytes.count { removeFirst() }
        case .shared(let range)?:
            heldCount -= count
            if count == range.count { removeFirst() } else { parts[0] = .shared(range.dropFirst(count)) }
        case nil: followed = followed.map { $0 + count }
        }
        if isEmpty { clear() }
    }

    private static func cost(of bytes: [UInt8]) -> Int { bytes.capacity + partCost }

    private mutating func removeFirst() {
        if case .own(let bytes) = parts.removeFirst() { size -= Self.cost(of: bytes) }
        sent = 0
    }

    /// The first bytes that wait in the parts, no more than a record's if they are of the shared log.
    private mutating func takePiece(from log: SharedLog) -> [UInt8]? {
        switch parts.first {
        case .own(let bytes)?:
            let piece = Array(bytes[sent...])
            consume(piece.count)
            return piece
        case .shared(let range)?:
            let piece = log.bytes(range.prefix(Record.maximumSize))
            consume(piece.count)
            return piece
        case nil: return nil
        }
    }
}
