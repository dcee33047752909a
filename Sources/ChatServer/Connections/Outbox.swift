import ChatProtocol

/// What waits to be sent to one connection, in order. Takes no memory while it is empty.
struct Outbox {
    private var bytes: [UInt8] = []
    private var sent = 0

    var count: Int { bytes.count - sent }

    var isEmpty: Bool { bytes.isEmpty }

    mutating func append(_ lines: Span<UInt8>) {
        bytes.append(lines)
    }

    mutating func append(_ lines: [UInt8]) {
        bytes += lines
    }

    /// Calls `body` with everything that waits.
    func withBytes<Result, Failure>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(bytes.span.extracting(sent...))
    }

    /// The first `count` bytes are on their way.
    mutating func consume(_ count: Int) {
        sent += count
        if sent == bytes.count {
            clear()
        } else if sent > bytes.count / 2 {
            bytes.removeFirst(sent)
            sent = 0
        }
    }

    mutating func clear() {
        bytes = []
        sent = 0
    }

    /// Drops all lines but the first, of which a part may be sent already.
    mutating func keepFirstLine() {
        let end = bytes[sent...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
        bytes.removeSubrange(end...)
    }
}
