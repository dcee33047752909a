import ChatProtocol
import ChatTransport
import EventLoop

/// What waits to be sent to one connection, in order, and how it leaves. Takes no memory while nothing waits.
struct Outbox {
    private var bytes: [UInt8] = []
    private var sent = 0
    /// How many bytes have come in this turn, and how many in the fullest turn since nothing waited.
    private var (fresh, fullestTurn) = (0, 0)
    /// The socket has not been ready since the transport last waited for it.
    private var isBlocked = false

    /// What the transport waits for before it takes more.
    private(set) var wait = Interest.writable

    /// In bytes.
    var count: Int { bytes.count - sent }

    /// The memory that it takes, in bytes.
    var size: Int { bytes.capacity }

    /// Whether more waits than `limit` and what one turn has brought: a receiver is not slow because it is told much at
    /// once, such as who is in a full room.
    func exceeds(_ limit: Int) -> Bool { count > limit + fullestTurn }

    var isEmpty: Bool { bytes.isEmpty }

    mutating func append(_ lines: Span<UInt8>) {
        bytes.append(lines)
        fresh += lines.count
        fullestTurn = max(fullestTurn, fresh)
    }

    /// What has come up to now had its turn.
    mutating func endTurn() {
        fresh = 0
    }

    /// Sends what waits, as far as the transport takes it. Returns how many bytes it has taken.
    mutating func flush(over transport: any Transport) throws(TransportError) -> Int {
        let waiting = count
        while !isBlocked, !isEmpty {
            switch try transport.write(bytes.span.extracting(sent...)) {
            case .bytes(let count): consume(count)
            case .waits(let interest): block(until: interest)
            }
        }
        return waiting - count
    }

    /// The socket is ready for what the transport waits for.
    mutating func unblock() {
        isBlocked = false
    }

    /// Forgets what waits: nobody is left to read it.
    mutating func clear() {
        bytes = []
        sent = 0
        fresh = 0
        fullestTurn = 0
    }

    /// Drops all lines but the first ones: those that the transport may have sent in part.
    mutating func keepFirstLines() {
        let held = min(sent + Record.maximumSize, bytes.count)
        let end = bytes[(held - 1)...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
        // A copy, since a shorter array would keep the memory.
        bytes = Array(bytes[sent..<end])
        sent = 0
    }

    /// The transport takes nothing before the socket is ready for this.
    mutating func block(until interest: Interest) {
        isBlocked = true
        wait = interest
    }

    private mutating func consume(_ count: Int) {
        sent += count
        if sent == bytes.count {
            clear()
        } else if sent > bytes.count / 2 {
            bytes.removeFirst(sent)
            sent = 0
        }
    }
}
