import DequeModule
import Glibc
import LoadSupport

/// The one stream of lines that everybody is to receive, as far as anybody has received it and somebody has not yet.
struct Transcript {
    struct Line {
        /// Its place behind its last byte, counted from the stream's beginning.
        let end: Int
        /// `nil` for a line that is not of the load.
        let message: Message?
        let sentAt: Nanoseconds
        /// How many have not received it.
        var outstanding: Int
    }

    /// The number of the first line that is kept.
    private(set) var firstLine = 0
    private var lines: Deque<Line> = []
    private var bytes: [UInt8] = []
    /// The place of `bytes[0]`.
    private var start = 0

    /// The place behind the last line.
    var end: Int { start + bytes.count }

    /// The number behind that of the last line.
    var endLine: Int { firstLine + lines.count }

    /// The place where the first line that is kept begins.
    private(set) var firstPlace = 0

    subscript(number: Int) -> Line { lines[number - firstLine] }

    mutating func append(_ line: UnsafeRawBufferPointer, _ message: Message?, sentAt: Nanoseconds, to receivers: Int) {
        bytes.append(contentsOf: line)
        lines.append(Line(end: end, message: message, sentAt: sentAt, outstanding: receivers))
    }

    /// How many bytes from a place on are the same as these: all that both have, or none.
    func match(_ received: Slice<UnsafeRawBufferPointer>, at place: Int) -> Int {
        let count = min(received.count, end - place)
        guard count > 0 else { return 0 }
        return bytes.withUnsafeBytes { bytes in
            let expected = UnsafeRawBufferPointer(rebasing: bytes[(place - start)...].prefix(count))
            let actual = UnsafeRawBufferPointer(rebasing: received.prefix(count))
            guard let expected = expected.baseAddress, let actual = actual.baseAddress else { return 0 }
            return memcmp(expected, actual, count) == 0 ? count : 0
        }
    }

    /// The number of the first line from `number` on that is this message.
    func line(of message: Message, from number: Int) -> Int? {
        lines[(number - firstLine)...].firstIndex { $0.message == message }.map { $0 + firstLine }
    }

    /// One more has received a line. Returns how many have not.
    mutating func receive(_ number: Int) -> Int {
        lines[number - firstLine].outstanding -= 1
        return lines[number - firstLine].outstanding
    }

    /// Forgets the first lines that everybody has received.
    mutating func trim() {
        while let line = lines.first, line.outstanding <= 0 {
            lines.removeFirst()
            firstLine += 1
            firstPlace = line.end
        }
        if firstPlace - start > max(bytes.count / 2, 64 << 10) {
            bytes.removeFirst(firstPlace - start)
            start = firstPlace
        }
    }
}
