import Foundation

/// Reads a descriptor on a thread of its own, so that a test can wait for lines without blocking other tests.
///
/// Used by one task at a time.
public final class LineReader {
    private let chunks: AsyncStream<[UInt8]>
    private var iterator: AsyncStream<[UInt8]>.Iterator
    private var buffer: [UInt8] = []

    /// Reads until the end of the stream or an error.
    public init(_ descriptor: CInt) {
        let (chunks, continuation) = AsyncStream<[UInt8]>.makeStream()
        // The thread's own: the number of a descriptor that is closed elsewhere is soon that of another.
        let descriptor = dup(descriptor)
        Thread.detachNewThread {
            defer { close(descriptor) }
            var chunk = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = read(descriptor, &chunk, chunk.count)
                guard count > 0 else { break }
                continuation.yield(Array(chunk.prefix(count)))
            }
            continuation.finish()
        }
        self.chunks = chunks
        iterator = chunks.makeAsyncIterator()
    }

    /// The next line without its LF; what stands behind the last LF; `nil` at the end of the stream.
    public func line() async -> String? {
        var searched = 0
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeFirst(end + 1) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            searched = buffer.count
            guard let chunk = await iterator.next() else { break }
            buffer += chunk
        }
        guard !buffer.isEmpty else { return nil }
        defer { buffer = [] }
        return String(decoding: buffer, as: UTF8.self)
    }

    /// The next lines, fewer if the stream ends.
    public func lines(_ count: Int) async -> [String] {
        var lines: [String] = []
        while lines.count < count, let line = await line() { lines.append(line) }
        return lines
    }

    /// Everything up to and with the first `marker`, or up to the end of the stream.
    public func bytes(through marker: String) async -> [UInt8] {
        let marker = Data(marker.utf8)
        while true {
            if let end = Data(buffer).range(of: marker)?.upperBound {
                defer { buffer.removeFirst(end) }
                return Array(buffer[..<end])
            }
            guard let chunk = await iterator.next() else { break }
            buffer += chunk
        }
        defer { buffer = [] }
        return buffer
    }

    /// Everything up to the end of the stream.
    public func bytes() async -> [UInt8] {
        while let chunk = await iterator.next() { buffer += chunk }
        defer { buffer = [] }
        return buffer
    }

    /// All lines up to the end of the stream.
    public func remainingLines() async -> [String] {
        await lines(.max)
    }
}
