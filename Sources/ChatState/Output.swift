import ChatProtocol
import DequeModule
public import FlowControl

/// The output of one receiver: its position in its room's log, and a queue of items that it alone receives.
///
/// Takes no memory while nothing is pending. For pending room lines it keeps only a position, however far the receiver lags.
public struct Output {
    /// Bytes that the caller of `send` has accepted.
    public struct Written {
        /// All of them.
        public var count = 0
        /// Those of the receiver's own replies.
        public var replies = 0
    }

    private enum Item {
        case reply([UInt8])
        case direct([UInt8], DirectSender)
        case list(UserList)
        /// From here on the receiver is in another room, at a position of its log; `nil`: in none.
        case room(LogReader?, from: Int)
    }

    private struct Pending {
        /// Up to here the receiver gets its room's lines before the item.
        let position: Int
        var item: Item

        /// The item's bytes, if they have been produced already.
        var bytes: [UInt8]? {
            switch item {
            case .reply(let bytes), .direct(let bytes, _): bytes
            case .list, .room: nil
            }
        }
    }

    /// The most that is composed at once: the content of a TLS record, RFC 8446, section 5.1.
    public static let pieceSize = 16 << 10
    /// Replies at the same position are kept in one item up to so many bytes.
    private static let itemSize = 4 << 10
    /// The memory that an item takes in addition to its bytes.
    private static let itemOverhead = 64
    private static let lineFeed = UInt8(ascii: "\n")

    /// The log of the receiver's room; `nil` if it is in no room.
    public private(set) var reader: LogReader?
    /// Its next byte in the room's log.
    public private(set) var cursor = 0
    private var items: Deque<Pending> = [] {
        didSet { hasOnlyRoomLines = items.isEmpty && !isDiscarding }
    }
    /// How many bytes of the first item are sent.
    private var sent = 0
    /// The receiver's own replies that are pending.
    public private(set) var replies = PendingReplies()
    /// The size of pending direct messages, in bytes.
    public private(set) var directSize = 0
    /// The bytes that were sent end in the middle of a line.
    private var isMidLine = false
    /// Nothing more is sent: the peer is gone.
    private var isDiscarding = false {
        didSet { hasOnlyRoomLines = items.isEmpty && !isDiscarding }
    }
    /// Whether only room lines can be pending. Stored, because sweeps read it for each delivery.
    public private(set) var hasOnlyRoomLines = true

    /// An output with nothing pending, of a receiver that is in no room.
    public init() {}

    /// Whether everything was sent.
    public var isEmpty: Bool { items.isEmpty && !(reader.map { cursor < $0.end } ?? false) }

    /// The memory that items take, in bytes.
    public var size: Int { replies.bytes + directSize }

    // MARK: Pending output

    /// Appends a decision for the receiver. `bytes` are the bytes of the ``Effects``, and `readers` are the readers of the
    /// receiver's event loop.
    public mutating func apply(_ entry: Effects.Entry, _ bytes: Span<UInt8>, _ readers: [LogReader]) {
        let position = entry.position
        switch entry.kind {
        case .reply(let range): append(reply: bytes.extracting(range), at: position)
        case .users(let names): append(reply: Reply.users(names).bytes.span, at: position)
        case .list(let list): append(.list(list), at: position)
        case .direct(let range, let sender): append(.direct(Array(bytes.extracting(range)), sender), at: position)
        case .entered(let room):
            guard let reader = readers.first(where: { $0.room == room }) else { return }
            append(.room(reader, from: position), at: 0)
        case .left: append(.room(nil, from: 0), at: position)
        }
    }

    /// Appends whole lines after all pending output.
    public mutating func append(lastLines lines: [UInt8]) {
        var end = reader?.end ?? 0
        for case .room(let reader, _) in items.lazy.map(\.item) { end = reader?.end ?? 0 }
        append(reply: lines.span, at: end)
    }

    /// Replaces pending output by the rest of the current line and `lastLine`.
    public mutating func cut(_ lastLine: [UInt8]) {
        guard !isDiscarding else { return }
        var rest: [UInt8] = []
        if isMidLine {
            if sent > 0, let bytes = items.first?.bytes {
                let end = bytes[sent...].firstIndex(of: Self.lineFeed) ?? bytes.count - 1
                rest = Array(bytes[sent...end])
            } else if let reader {
                rest = reader.restOfLine(from: cursor) ?? [Self.lineFeed]
            }
        }
        rest += lastLine
        clear()
        append(reply: rest.span, at: 0)
    }

    /// Discards pending and later output, because the peer is gone.
    public mutating func discard() {
        clear()
        isDiscarding = true
    }

    private mutating func clear() {
        reader = nil
        items = []
        sent = 0
        replies = PendingReplies()
        directSize = 0
        isMidLine = false
    }

    private mutating func append(reply lines: Span<UInt8>, at position: Int) {
        guard lines.count > 0, !isDiscarding else { return }
        if case .reply(var bytes)? = items.last?.item, items.last?.position == position,
            bytes.count + lines.count <= Self.itemSize
        {
            // Taken out before it is changed, to avoid a copy.
            items.removeLast()
            bytes.append(lines)
            items.append(Pending(position: position, item: .reply(bytes)))
            replies.bytes += lines.count
        } else {
            append(.reply(Array(lines)), at: position)
        }
    }

    private mutating func append(_ item: Item, at position: Int) {
        guard !isDiscarding else { return }
        items.append(Pending(position: position, item: item))
        account(item, by: 1)
        changeRooms()
    }

    private mutating func account(_ item: Item, by sign: Int) {
        switch item {
        case .reply(let bytes): replies.bytes += sign * (bytes.count + Self.itemOverhead)
        case .direct(_, let sender): directSize += sign * sender.size
        case .list: replies.lists += sign
        case .room: break
        }
    }

    // MARK: Needs

    /// Calls `body` with each log position that the receiver still needs, and whether that log is its current room's.
    public func forEachNeededPosition(_ body: (LogReader, Int, _ isCurrent: Bool) -> Void) {
        if let reader { body(reader, cursor, true) }
        for case .room(let reader?, let position) in items.lazy.map(\.item) { body(reader, position, false) }
    }

    /// Whether a room has dropped lines that the receiver still needs.
    public var hasLostLines: Bool {
        var hasLost = false
        forEachNeededPosition { reader, position, _ in hasLost = hasLost || position < reader.start }
        return hasLost
    }

    // MARK: Sending

    /// The receiver was sent room lines from its cursor up to a position, and `lastByte` is the last of their bytes.
    @inline(__always)
    public mutating func advance(to position: Int, lastByte: UInt8 = UInt8(ascii: "\n")) {
        cursor = position
        isMidLine = lastByte != Self.lineFeed
    }

    /// Passes some pending output to `send`, which returns how many bytes it has accepted. `scratch` is memory for output
    /// that has to be composed, `produce` returns the next piece of a list, and `delivered` is called for each direct message
    /// that was accepted.
    public mutating func send<Failure>(
        through scratch: inout [UInt8], produce: (inout UserList) -> [UInt8], delivered: (DirectSender) -> Void,
        _ send: (Span<UInt8>) throws(Failure) -> Int
    ) throws(Failure) -> Written {
        guard !isEmpty else { return Written() }
        if items.isEmpty, let reader {
            var last = Self.lineFeed
            let count = try reader.withBytes(from: cursor, limit: PendingLimits.turn) { bytes throws(Failure) in
                let count = try send(bytes)
                if count > 0 { last = bytes[count - 1] }
                return count
            }
            if count > 0 { advance(to: cursor + count, lastByte: last) }
            return Written(count: count)
        }
        compose(into: &scratch, produce)
        guard !scratch.isEmpty else {
            changeRooms()
            return Written()
        }
        let count = try send(scratch.span)
        if count > 0 { isMidLine = scratch[count - 1] != Self.lineFeed }
        return consume(count, delivered)
    }

    /// Copies the room lines and items that are sent next, in order.
    private mutating func compose(into scratch: inout [UInt8], _ produce: (inout UserList) -> [UInt8]) {
        scratch.removeAll(keepingCapacity: true)
        var (reader, cursor, sent) = (reader, cursor, sent)
        var place = 0
        func copyRoomLines(upTo position: Int) {
            guard let reader else { return }
            let end = min(position, reader.end)
            while cursor < end, scratch.count < Self.pieceSize {
                reader.withBytes(from: cursor, limit: min(end - cursor, Self.pieceSize - scratch.count)) { bytes in
                    scratch.append(bytes)
                    cursor += bytes.count
                }
            }
        }
        while place < items.count {
            copyRoomLines(upTo: items[place].position)
            guard scratch.count < Self.pieceSize else { return }
            switch items[place].item {
            case .reply(let bytes), .direct(let bytes, _):
                let end = min(bytes.count, sent + Self.pieceSize - scratch.count)
                bytes.withUnsafeBufferPointer { scratch.append(contentsOf: $0[sent..<end]) }
                sent = 0
            case .list(let list):
                // The piece takes the list's place, and comes next.
                continueList(list, at: place, produce)
                continue
            case .room(let next, let position): (reader, cursor) = (next, position)
            }
            place += 1
        }
        copyRoomLines(upTo: .max)
    }

    /// Inserts the next piece of a list before the rest of the list.
    private mutating func continueList(_ list: UserList, at place: Int, _ produce: (inout UserList) -> [UInt8]) {
        var list = list
        let position = items[place].position
        let piece = produce(&list)
        if list.isFinished {
            account(items.remove(at: place).item, by: -1)
        } else {
            items[place].item = .list(list)
        }
        guard !piece.isEmpty else { return }
        items.insert(Pending(position: position, item: .reply(piece)), at: place)
        account(.reply(piece), by: 1)
    }

    private mutating func consume(_ count: Int, _ delivered: (DirectSender) -> Void) -> Written {
        var rest = count
        var written = Written()
        // An empty list may have been before a change of rooms.
        changeRooms()
        while rest > 0 {
            let lines = reader == nil ? 0 : min(rest, (items.first?.position ?? .max) - cursor)
            if lines > 0 {
                cursor += lines
                rest -= lines
            } else if let item = items.first?.item, let bytes = items.first?.bytes {
                let part = min(rest, bytes.count - sent)
                sent += part
                rest -= part
                if case .reply = item { written.replies += part }
                if sent == bytes.count {
                    account(items.removeFirst().item, by: -1)
                    sent = 0
                    if case .direct(_, let sender) = item { delivered(sender) }
                }
            } else {
                break
            }
            changeRooms()
        }
        written.count = count - rest
        return written
    }

    /// Carries out changes of rooms that come next.
    private mutating func changeRooms() {
        while let first = items.first, case .room(let next, let position) = first.item,
            reader == nil || first.position <= cursor
        {
            (reader, cursor) = (next, position)
            items.removeFirst()
        }
        // Frees the memory of the queue.
        if items.isEmpty { items = [] }
    }
}

extension [UInt8] {
    fileprivate init(_ bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { Array($0) }
    }
}
