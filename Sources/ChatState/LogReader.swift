/// One event loop's view of a room's log. Confined to that loop's thread, on which the order updates it under its lock.
public final class LogReader {
    /// The room whose log this is.
    public let room: RoomID
    // Not checked for overlapping accesses: confined to one loop's thread, on which the order calls as well, and no call that
    // changes the reader comes back to it.
    /// The position after the last byte that may be read.
    @exclusivity(unchecked) public private(set) var end = 0
    /// The part of the log that this loop's connections still need.
    @exclusivity(unchecked) public var needs = LogNeeds()
    /// Oldest first. They are retained, so that bytes that are read from them stay valid.
    @exclusivity(unchecked) private var chunks: [LogChunk] = []
    /// The first position that the room keeps. The reader retains older chunks until ``release()``.
    @exclusivity(unchecked) public private(set) var start = 0

    /// Whether the room needs to know soon when this loop needs less of the log: bulk senders wait, or chunks are kept.
    @exclusivity(unchecked) public private(set) var needsPromptReports = false

    /// Whether the room dropped chunks that the reader still retains. Receivers that need these chunks have to be
    /// disconnected before ``release()``.
    @exclusivity(unchecked) public private(set) var hasDropped = false

    init(_ room: RoomID) {
        self.room = room
    }

    /// Releases chunks that the room has dropped.
    public func release() {
        let kept = chunks.firstIndex { $0.start >= start } ?? chunks.count
        chunks.removeFirst(kept)
        hasDropped = false
    }

    /// The chunk before a position, up to there. Valid until the next ``release()`` or collection.
    public func tail(upTo end: Int) -> LogTail {
        guard let chunk = chunks.last(where: { $0.start < end }) else {
            return LogTail(base: nil, start: end, end: end)
        }
        return LogTail(base: chunk.base, start: chunk.start, end: end)
    }

    /// Passes bytes of the log to `body`: from a position to the end of its chunk, at most `limit` bytes.
    ///
    /// - Precondition: the position is before the end, and in a chunk that is here.
    public func withBytes<Result, Failure>(
        from position: Int, limit: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let place = place(of: position)
        let chunk = chunks[place]
        // The count of every chunk but the last is final: an update, under the lock, has found another chunk after it.
        let chunkEnd = place == chunks.count - 1 ? end : chunk.start + chunk.count
        precondition(chunk.start <= position && position < chunkEnd, "The position is not in a retained chunk")
        // Bytes below these ends never change, and the chunk is retained: see LogChunk.
        let count = min(limit, chunkEnd - position)
        return try body(UnsafeBufferPointer(start: chunk.base + (position - chunk.start), count: count).span)
    }

    /// Whether `count` bytes from a position on are in one chunk. If not, they are copied, to be sent in one write.
    func hasInOneChunk(_ count: Int, from position: Int) -> Bool {
        let place = place(of: position)
        return place == chunks.count - 1 || position + count <= chunks[place].start + chunks[place].count
    }

    /// The bytes from a position up to the end of its line, which is in the same chunk; `nil` if the chunk is gone.
    public func restOfLine(from position: Int) -> [UInt8]? {
        guard let first = chunks.first, first.start <= position else { return nil }
        return withBytes(from: position, limit: .max) { bytes in
            var rest: [UInt8] = []
            for index in bytes.indices {
                rest.append(bytes[index])
                if bytes[index] == UInt8(ascii: "\n") { break }
            }
            return rest
        }
    }

    /// Called by the order, under its lock.
    func update(from log: borrowing RoomLog, needsPromptReports: Bool) {
        self.needsPromptReports = needsPromptReports
        guard end != log.end || start != log.start else { return }
        end = log.end
        start = log.start
        let known = chunks.last?.start ?? -1
        for chunk in log.chunks where chunk.start > known { chunks.append(chunk) }
        hasDropped = (chunks.first?.start ?? start) < start
    }

    /// Finds by binary search the last chunk that begins at the position or before it.
    private func place(of position: Int) -> Int {
        var (low, high) = (0, chunks.count)
        while low + 1 < high {
            let middle = (low + high) / 2
            if chunks[middle].start <= position { low = middle } else { high = middle }
        }
        return low
    }
}

/// The readable part of a chunk of a room's log.
public struct LogTail {
    @usableFromInline
    let base: UnsafePointer<UInt8>?
    /// The position of the chunk's first byte.
    public let start: Int
    /// The position after its last byte.
    public let end: Int

    /// Passes the bytes from a position on to `body`.
    ///
    /// - Precondition: the position is neither before the start nor after the end.
    @inlinable
    public func withBytes<Result, Failure>(
        from position: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Bytes below `end` never change, and the reader that made this retains the chunk: see LogChunk.
        try body(UnsafeBufferPointer(start: base.map { $0 + (position - start) }, count: end - position).span)
    }
}
