import ChatProtocol
import ChatTransport
import DequeModule

/// What everybody was sent of late, kept once for all receivers of an event loop that are behind.
///
/// A position is a number of bytes since the server began; it stays what it is while the log moves on.
struct SharedLog {
    private static let chunkSize = 64 << 10

    /// All but the last are full. Not one array: a log that grows must not be copied while everybody waits.
    private var chunks: Deque<[UInt8]> = []
    /// The position of the first byte that is kept.
    private(set) var start = 0
    /// The position behind the last byte.
    private(set) var end = 0
    /// The most bytes that came at once since the log was last empty.
    private(set) var largestAddition = 0

    var isEmpty: Bool { start == end }

    /// Appends whole lines.
    mutating func append(_ lines: Span<UInt8>) {
        largestAddition = max(largestAddition, lines.count)
        var rest = lines
        while rest.count > 0 {
            let room = Self.chunkSize - (chunks.last?.count ?? Self.chunkSize)
            guard room > 0 else {
                var chunk: [UInt8] = []
                chunk.reserveCapacity(Self.chunkSize)
                chunks.append(chunk)
                continue
            }
            let part = rest.extracting(..<min(room, rest.count))
            chunks[chunks.count - 1].append(part)
            end += part.count
            rest = rest.extracting(part.count...)
        }
    }

    /// Forgets what lies before a position, in whole chunks; all of it where that is the end.
    mutating func trim(to position: Int) {
        guard position < end else {
            chunks.removeAll()
            (start, largestAddition) = (end, 0)
            return
        }
        while let first = chunks.first, start + first.count <= position {
            start += first.count
            chunks.removeFirst()
        }
    }

    /// Writes some of a range that is kept and not empty: as far as a chunk goes.
    func write(_ range: Range<Int>, over transport: any Transport) throws(TransportError) -> WriteProgress {
        let (number, first) = place(of: range.lowerBound)
        let chunk = chunks[number]
        let last = min(first + range.count, chunk.count)
        return try transport.write(chunk.span.extracting(first..<last))
    }

    /// A copy of a range that is kept.
    func bytes(_ range: Range<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        var position = range.lowerBound
        while position < range.upperBound {
            let (number, first) = place(of: position)
            let chunk = chunks[number]
            let last = min(first + range.upperBound - position, chunk.count)
            bytes += chunk[first..<last]
            position += last - first
        }
        return bytes
    }

    private func place(of position: Int) -> (number: Int, offset: Int) {
        ((position - start) / Self.chunkSize, (position - start) % Self.chunkSize)
    }
}
