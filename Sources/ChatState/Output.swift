import ChatProtocol
import DequeModule
public import FlowControl

/// Where one receiver is in its room's log, and what it alone receives, in order.
///
/// Takes no memory while nothing is pending. Of a room, only a position is pending, however far the receiver lags.
public struct Output {
    /// Bytes that were accepted by whoever sends them.
    public struct Written {
        /// Room lines.
        public var room = 0
        /// Direct messages.
        public var direct = 0
        /// The receiver's own replies.
        public var replies = 0

        /// All of them.
        public var count: Int { room + direct + replies }
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

        /// What is sent of it, if that is known already.
        var bytes: [UInt8]? {
            switch item {
            case .reply(let bytes), .direct(let bytes, _): bytes
            case .list, .room: nil
            }
        }
    }

    /// The most that is composed at once: what a TLS record holds, RFC 8446, section 5.1.
    public static let pieceSize = 16 << 10
    /// Replies at the same position are kept in one item up to so many bytes.
    private static let itemSize = 4 << 10
    /// What an item takes besides its bytes.
    private static let itemOverhead = 64
    private static let lineFeed = UInt8(ascii: "\n")

    /// Whose lines the receiver gets.
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
    /// What pending direct messages take, in bytes.
    public private(set) var directSize = 0
    /// What was sent ends in the middle of a line.
    private var isMidLine = false
    /// Nothing more is sent: the peer is gone.
    private var isDiscarding = false {
        didSet { hasOnlyRoomLines = items.isEmpty && !isDiscarding }
    }
    /// Whether nothing but room lines can be pending. Kept at hand for the sweeps, which ask for each delivery.
    public private(set) var hasOnlyRoomLines = true

    /// An output with nothing pending, of a receiver that is in no room.
    public init() {}

    /// Whether everything was sent.
    public var isEmpty: Bool { items.isEmpty && !(reader.map { cursor < $0.end } ?? false) }

    /// The memory that items take, in bytes.
    public var size: Int { replies.bytes + directSize }

    // MARK: What is to be sent

    /// Takes in what the order has decided for the receiver. `bytes` are those of the ``Effects``, and `readers` those of the
    /// receiver's event loop.
    public mutating func apply(_ entry: Effects.Entry, _ bytes: Span<UInt8>, _ readers: [LogReader]) {
        let position = entry.position
        switch entry.kind {
        case .reply(let range): append(reply: bytes.extracting(range), at: position)
        case .list(let list): append(.list(list), at: position)
        case .direct(let range, let sender): append(.direct(Array(bytes.extracting(range)), sender), at: position)
        case .entered(let room):
            guard let reader = readers.first(where: { $0.room == room }) else { return }
            append(.room(reader, from: position), at: 0)
        case .left: append(.room(nil, from: 0), at: position)
        case .expelled(let range):
            append(reply: bytes.extracting(range), at: position)
            append(.room(nil, from: 0), at: position)
        }
    }

    /// Whole lines, after everything else that is pending.
    public mutating func append(lastLines lines: [UInt8]) {
        var end = reader?.end ?? 0
        for case .room(let reader, _) in items.lazy.map(\.item) { end = reader?.end ?? 0 }
        append(reply: lines.span, at: end)
    }

    /// The rest of the current line, then `lastLine`, and nothing else.
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

    /// Forgets what is pending, and what comes later: the peer is gone.
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
            // Taken out meanwhile: it would be copied otherwise.
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

    // MARK: What is needed of logs

    /// Calls `body` with each position of a log that the receiver still needs, and whether it is the one that it reads now.
    public func forEachNeed(_ body: (LogReader, Int, _ isCurrent: Bool) -> Void) {
        if let reader { body(reader, cursor, true) }
        for case .room(let reader?, let position) in items.lazy.map(\.item) { body(reader, position, false) }
    }

    /// Whether a room has dropped lines that the receiver still needs.
    public var hasLostLines: Bool {
        var hasLost = false
        forEachNeed { reader, position, _ in hasLost = hasLost || position < reader.start }
        return hasLost
    }

    // MARK: Sending

    /// The receiver was sent room lines from its cursor up to a position, and `lastByte` is the last of their bytes.
    @inline(__always)
    public mutating func advance(to position: Int, lastByte: UInt8 = UInt8(ascii: "\n")) {
        cursor = position
        isMidLine = lastByte != Self.lineFeed
    }

    /// Passes some of what is pending to `send`, which returns how many bytes it has accepted. `scratch` is memory for what
    /// has to be composed, lists are continued by `produce`, and `delivered` is told of each direct message that was accepted.
    public mutating func send<Failure>(
        through scratch: inout [UInt8], produce: (inout UserList) -> [UInt8], delivered: (DirectSender) -> Void,
        _ send: (Span<UInt8>) throws(Failure) -> Int
    ) throws(Failure) -> Written {
        guard !isEmpty else { return Written() }
        if items.isEmpty, let reader, reader.hasInOneChunk(min(reader.end - cursor, PendingLimits.turn), from: cursor) {
            var last = Self.lineFeed
            let count = try reader.withBytes(from: cursor, limit: PendingLimits.turn) { bytes throws(Failure) in
                let count = try send(bytes)
                if count > 0 { last = bytes[count - 1] }
                return count
            }
            if count > 0 { advance(to: cursor + count, lastByte: last) }
            return Written(room: count)
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

    /// Copies what is sent next: room lines and items in order.
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

    /// Puts the next piece of a list before what is left of it.
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
        // A list that turned out to be empty may have been before one.
        changeRooms()
        while rest > 0 {
            let lines = reader == nil ? 0 : min(rest, (items.first?.position ?? .max) - cursor)
            if lines > 0 {
                cursor += lines
                rest -= lines
                written.room += lines
            } else if let item = items.first?.item, let bytes = items.first?.bytes {
                let part = min(rest, bytes.count - sent)
                sent += part
                rest -= part
                if case .direct = item { written.direct += part } else { written.replies += part }
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
        // Its memory is given back.
        if items.isEmpty, replies.lists + size == 0 { items = [] }
    }
}

extension [UInt8] {
    fileprivate init(_ bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { Array($0) }
    }
}
