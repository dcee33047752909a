/// One event loop's view of a room's log. Confined to that loop's thread, on which the order updates it under its lock.
public final class LogReader {
    /// The room whose log this is.
    public let room: RoomID
    // Not checked for overlapping accesses: confined to one loop's thread, on which the order calls as well, and no call that
    // changes the reader comes back to it. Private, because other modules would check their accesses.
    /// Oldest first. They are retained, so that bytes that are read from them stay valid.
    @exclusivity(unchecked) private var chunks: [LogChunk] = []
    /// The copy of a piece of several chunks, see ``tail(from:upTo:)``.
    @exclusivity(unchecked) private var joint: LogChunk?
    @exclusivity(unchecked) private var bounds = 0..<0
    @exclusivity(unchecked) private var reported = LogNeeds()
    @exclusivity(unchecked) private var isAwaited = false

    init(_ room: RoomID) {
        self.room = room
    }

    /// The first position that the room keeps. The reader retains older chunks until ``release()``.
    public var start: Int { bounds.lowerBound }

    /// The position after the last byte that may be read.
    public var end: Int { bounds.upperBound }

    /// The part of the log that this loop's connections still need.
    public var needs: LogNeeds {
        get { reported }
        set { reported = newValue }
    }

    /// Whether the room needs to know soon when this loop needs less of the log: bulk senders wait, or chunks are kept.
    public var needsPromptReports: Bool { isAwaited }

    /// Whether the room dropped chunks that the reader still retains. Receivers that need these chunks have to be
    /// disconnected before ``release()``.
    public var hasDropped: Bool { (chunks.first?.start ?? start) < start }

    /// Releases chunks that the room has dropped.
    public func release() {
        let kept = chunks.firstIndex { $0.start >= start } ?? chunks.count
        chunks.removeFirst(kept)
    }

    /// How far one ``tail(from:upTo:)`` should reach: to the end of the position's chunk, or over a piece of several chunks.
    public func tailEnd(after position: Int) -> Int {
        let chunkEnd = chunks.isEmpty ? end : self.end(ofChunk: place(of: position))
        return min(max(chunkEnd, position + Output.pieceSize), end)
    }

    /// The bytes from a position up to another; they are copied if they are in several chunks. Valid until the next call, and
    /// until the next ``release()`` or collection.
    public func tail(from position: Int, upTo end: Int) -> LogTail {
        joint = nil
        // Bytes before the first retained chunk are not needed any more.
        let start = max(position, chunks.first?.start ?? end)
        guard start < end else { return LogTail(base: nil, start: end, end: end) }
        let place = place(of: start)
        if end <= self.end(ofChunk: place) {
            return LogTail(base: chunks[place].base, start: chunks[place].start, end: end)
        }
        let joint = LogChunk(start: start, capacity: end - start)
        while joint.end < end {
            withBytes(from: joint.end, limit: end - joint.end) { bytes in bytes.withUnsafeBufferPointer(joint.append) }
        }
        self.joint = joint
        return LogTail(base: joint.base, start: start, end: end)
    }

    /// Passes bytes of the log to `body`: from a position to the end of its chunk, at most `limit` bytes.
    ///
    /// - Precondition: the position is before the end, and in a chunk that is here.
    public func withBytes<Result, Failure>(
        from position: Int, limit: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let place = place(of: position)
        let chunk = chunks[place]
        let chunkEnd = self.end(ofChunk: place)
        precondition(chunk.start <= position && position < chunkEnd, "The position is not in a retained chunk")
        // Bytes below these ends never change, and the chunk is retained: see LogChunk.
        let count = min(limit, chunkEnd - position)
        return try body(UnsafeBufferPointer(start: chunk.base + (position - chunk.start), count: count).span)
    }

    /// The bytes from a position up to the end of its line, which is in the same chunk; `nil` if the chunk is gone.
    public func restOfLine(from position: Int) -> [UInt8]? {
        guard let first = chunks.first, first.start <= position else { return nil }
        let lineFeed = UInt8(ascii: "\n")
        return withBytes(from: position, limit: .max) { bytes in
            bytes.withUnsafeBufferPointer { Array($0.prefix { $0 != lineFeed }) + [lineFeed] }
        }
    }

    /// Called by the order, under its lock.
    func update(from log: borrowing RoomLog, needsPromptReports: Bool) {
        isAwaited = needsPromptReports
        guard end != log.end || start != log.start else { return }
        bounds = log.start..<log.end
        let known = chunks.last?.start ?? -1
        for chunk in log.chunks where chunk.start > known { chunks.append(chunk) }
    }

    private func end(ofChunk place: Int) -> Int {
        // The count of every chunk but the last is final: an update, under the lock, has found another chunk after it.
        place == chunks.count - 1 ? end : chunks[place].start + chunks[place].count
    }

    /// The last chunk that begins at the position or before it. Most receivers need the newest one, so the search begins there.
    private func place(of position: Int) -> Int { chunks.lastIndex { $0.start <= position } ?? 0 }
}

/// A part of a room's log, in one piece of memory.
public struct LogTail {
    @usableFromInline
    let base: UnsafePointer<UInt8>?
    /// The position of the first byte.
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
        // Bytes below `end` never change, and the reader that made this retains their chunk: see LogChunk.
        try body(UnsafeBufferPointer(start: base.map { $0 + (position - start) }, count: end - position).span)
    }
}
