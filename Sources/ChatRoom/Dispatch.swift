import ChatProtocol

/// What the room has decided since an event loop last asked, for the connections that this loop serves, in the one order.
///
/// ``log`` holds what every member gets. What concerns one connection is an ``Entry`` with its place in the log: before
/// it, that connection is owed what the log holds up to there, if it is a member.
public struct Dispatch: Sendable {
    /// Something that concerns one connection.
    public struct Entry: Sendable {
        /// What happens to the connection.
        public enum Kind: Sendable {
            /// Is sent these bytes of ``Dispatch/replies``: whole lines.
            case reply(Range<Int>)
            /// Is a member from here on: owed what the log holds behind this place.
            case joined
            /// Is no longer a member: owed nothing behind this place.
            case left
            /// Is no longer a member, for somebody else's sake: these bytes of ``Dispatch/replies`` are its last line.
            case expelled(Range<Int>)
        }

        /// The ``ConnectionID/number``.
        public let connection: UInt64
        /// The place in the log, in bytes.
        public let position: Int
        /// What happens.
        public let kind: Kind
    }

    /// Whole lines, in order.
    public private(set) var log: [UInt8] = []
    /// In order, with positions that never decrease.
    public private(set) var entries: [Entry] = []
    /// What the entries point into.
    public private(set) var replies: [UInt8] = []
    /// Whether the room has closed: nothing follows.
    public private(set) var isLast = false

    /// Nothing is decided yet.
    public init() {}

    /// Whether nothing was decided.
    public var isEmpty: Bool { log.isEmpty && entries.isEmpty && !isLast }

    /// In bytes. What is decided faster than an event loop collects it waits here, so whoever decides looks at it.
    public var size: Int { log.count + replies.count + entries.count * MemoryLayout<Entry>.stride }

    /// Forgets what was decided, and keeps the memory for the next turn unless a burst made it large.
    public mutating func reset() {
        let keepsMemory = log.capacity + replies.capacity <= 1 << 20
        log.removeAll(keepingCapacity: keepsMemory)
        if !entries.isEmpty {
            replies.removeAll(keepingCapacity: keepsMemory)
            entries.removeAll(keepingCapacity: keepsMemory)
        }
        isLast = false
    }

    mutating func announce(_ line: [UInt8]) {
        log += line
    }

    /// Appends `prefix`, `text` and an LF to the log.
    mutating func announce(_ prefix: [UInt8], _ text: Span<UInt8>) {
        log.appendLine(prefix, text)
    }

    /// Has `write` append whole lines for one connection.
    mutating func reply(to connection: UInt64, _ write: (inout [UInt8]) -> Void) {
        let lines = appendReply(write)
        record(.reply(lines), of: connection)
    }

    mutating func expel(_ connection: UInt64, _ line: [UInt8]) {
        let lastLine = appendReply { $0 += line }
        record(.expelled(lastLine), of: connection)
    }

    mutating func join(_ connection: UInt64) {
        record(.joined, of: connection)
    }

    mutating func leave(_ connection: UInt64) {
        record(.left, of: connection)
    }

    mutating func close() {
        isLast = true
    }

    private mutating func appendReply(_ write: (inout [UInt8]) -> Void) -> Range<Int> {
        let start = replies.count
        write(&replies)
        return start..<replies.count
    }

    private mutating func record(_ kind: Entry.Kind, of connection: UInt64) {
        entries.append(Entry(connection: connection, position: log.count, kind: kind))
    }
}

extension [UInt8] {
    /// Appends `prefix`, `text` and an LF.
    mutating func appendLine(_ prefix: [UInt8], _ text: Span<UInt8>) {
        self += prefix
        append(text)
        append(UInt8(ascii: "\n"))
    }
}
