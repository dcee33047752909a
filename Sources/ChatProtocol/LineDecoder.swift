/// Cuts a stream of bytes into lines, however the network has cut it into chunks.
///
/// Holds no more than an unfinished line (its greatest length and one byte), or what it was told to keep by a receiver
/// that had enough. One decoder serves one connection, on that connection's event loop.
public struct LineDecoder: Sendable {
    /// The most bytes that a line holds before its LF, or before its CR LF, if nobody says otherwise.
    public static let maximumLineLength = 4_096

    /// What the decoder found in the stream.
    public enum Event: ~Escapable {
        /// A line without its LF and without one CR before it.
        case line(Span<UInt8>)
        /// A line began that is longer than lines may be; it is discarded up to its LF.
        case lineTooLong
    }

    /// What the receiver of an event wants next.
    public enum Demand: Sendable {
        case more
        /// Keep everything behind this event for ``LineDecoder/resume(_:)``.
        case pause
        /// Keep this line and everything after it: ``LineDecoder/resume(_:)`` passes it again.
        case keep
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private let maximumLineLength: Int
    private var telnet = TelnetFilter()
    private var kept: [UInt8] = []
    /// How many of the kept bytes are known to hold no LF: a line that drips in is scanned once, not once a byte.
    private var scanned = 0
    private var isDiscarding = false

    /// Whether a receiver paused the decoder, so that ``resume(_:)`` may find lines without new bytes.
    public private(set) var isPaused = false

    /// The memory that kept bytes take, in bytes.
    public var keptSize: Int { kept.capacity }

    /// A decoder at the beginning of a stream.
    public init(maximumLineLength: Int = Self.maximumLineLength) {
        self.maximumLineLength = maximumLineLength
    }

    /// Finds the lines that end in `chunk`. Not while ``isPaused``.
    public mutating func decode(_ chunk: Span<UInt8>, _ receive: (borrowing Event) -> Demand) {
        guard telnet.passes(chunk) else {
            let text = telnet.filter(chunk)
            return decodeText(text.span, receive)
        }
        decodeText(chunk, receive)
    }

    /// Goes on behind the event at which the receiver paused.
    public mutating func resume(_ receive: (borrowing Event) -> Demand) {
        decodeKept(receive)
    }

    /// The input has ended: a last line without LF still counts. Not while ``isPaused``; again if the receiver kept the line.
    public mutating func finish(_ receive: (borrowing Event) -> Demand) {
        let line = kept + telnet.finish()
        kept = []
        scanned = 0
        guard !line.isEmpty, !isDiscarding else { return }
        let content = Self.withoutCarriageReturn(0..<line.count, of: line.span)
        guard handOut(line.span.extracting(content), receive) == .keep else { return }
        kept = line
        isPaused = true
    }

    private mutating func decodeText(_ text: Span<UInt8>, _ receive: (borrowing Event) -> Demand) {
        guard kept.isEmpty else {
            kept.append(text)
            return decodeKept(receive)
        }
        let consumed = consume(text, receive)
        if consumed < text.count {
            kept.append(text.extracting(consumed...))
        }
    }

    private mutating func decodeKept(_ receive: (borrowing Event) -> Demand) {
        // Taken out for the call, so that one buffer is not read and mutated at once.
        var bytes: [UInt8] = []
        swap(&bytes, &kept)
        let consumed = consume(bytes.span, receive)
        guard consumed < bytes.count else { return }
        if consumed > 0 { bytes.removeFirst(consumed) }
        kept = bytes
    }

    /// Hands out the lines in `bytes` and returns how many bytes are done with.
    private mutating func consume(_ bytes: Span<UInt8>, _ receive: (borrowing Event) -> Demand) -> Int {
        var start = 0
        var searchFrom = scanned
        scanned = 0
        isPaused = false
        while let end = bytes.firstIndex(of: Self.lineFeed, from: searchFrom) {
            let line = Self.withoutCarriageReturn(start..<end, of: bytes)
            searchFrom = end + 1
            if isDiscarding {
                isDiscarding = false
                start = searchFrom
                continue
            }
            switch handOut(bytes.extracting(line), receive) {
            case .more: start = searchFrom
            case .pause:
                isPaused = true
                return searchFrom
            case .keep:
                isPaused = true
                return start
            }
        }
        if isDiscarding { return bytes.count }
        let unfinished = start..<bytes.count
        // Not counting a CR at its end, which an LF may yet follow.
        if Self.withoutCarriageReturn(unfinished, of: bytes).count > maximumLineLength {
            isDiscarding = true
            isPaused = receive(.lineTooLong) != .more
            return bytes.count
        }
        scanned = unfinished.count
        return start
    }

    private func handOut(_ line: Span<UInt8>, _ receive: (borrowing Event) -> Demand) -> Demand {
        line.count > maximumLineLength ? receive(.lineTooLong) : receive(.line(line))
    }

    /// The range without one CR at its end.
    private static func withoutCarriageReturn(_ range: Range<Int>, of bytes: Span<UInt8>) -> Range<Int> {
        guard let last = range.last, bytes[last] == carriageReturn else { return range }
        return range.lowerBound..<last
    }
}
