/// The lines of a room, stored once for all receivers: whole lines, each in one chunk, at positions that never change.
///
/// A position is a number of bytes since the room began. Under the order's lock.
struct RoomLog {
    private static let smallestChunk = 4 << 10
    private static let largestChunk = 256 << 10

    /// Oldest first. Only the last has space.
    private(set) var chunks: [LogChunk] = []
    /// The position of the first byte that is kept.
    private(set) var start = 0
    /// The position after the last byte.
    private(set) var end = 0
    /// The memory that the chunks take, in bytes.
    private(set) var size = 0

    /// Appends a line. If all chunks together are then larger than `limit`, drops the oldest ones, but never the last.
    mutating func append(_ line: borrowing ChatLine, limit: Int) {
        let length = line.count
        let chunk: LogChunk
        if let last = chunks.last, last.capacity - last.count >= length {
            chunk = last
        } else {
            chunk = makeChunk(for: length, limit: limit)
            while size > limit, chunks.count > 1 { dropFirst() }
        }
        chunk.append(line)
        end += length
    }

    /// Drops the chunks that lie wholly before a position, except the last chunk.
    mutating func trim(to position: Int) {
        while chunks.count > 1, chunks[1].start <= position { dropFirst() }
    }

    /// A chunk is at most an eighth of the log, so that dropping the oldest one loses few lines.
    private mutating func makeChunk(for length: Int, limit: Int) -> LogChunk {
        let grown = min((chunks.last?.capacity ?? Self.smallestChunk / 2) * 2, Self.largestChunk, limit / 8)
        let chunk = LogChunk(start: end, capacity: max(grown, length))
        chunks.append(chunk)
        size += chunk.capacity
        return chunk
    }

    private mutating func dropFirst() {
        size -= chunks.removeFirst().capacity
        start = chunks.first?.start ?? end
    }
}
