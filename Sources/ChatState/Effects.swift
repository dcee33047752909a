public import ChatProtocol
import FlowControl

/// The decisions for single connections of one event loop since that loop last collected, in the total order.
public struct Effects: Sendable {
    /// A decision for one connection.
    public struct Entry: Sendable {
        /// What happens to the connection.
        public enum Kind: Sendable {
            /// It is sent these bytes of ``Effects/bytes``: whole lines.
            case reply(Range<Int>)
            /// It is sent the first piece of a list. Formatted by the loop, and not under the order's lock.
            case users([Username])
            /// It is sent a list, piece by piece.
            case list(UserList)
            /// It is sent these bytes of ``Effects/bytes``, a direct message.
            case direct(Range<Int>, DirectSender)
            /// From the position on it receives this room's lines.
            case entered(RoomID)
            /// It receives its room's lines up to the position. An expelled one is closed after its last line, which follows.
            case left(isExpelled: Bool)
        }

        /// The ``ConnectionID/number``.
        public let connection: UInt64
        /// The position in the log of the connection's room, or of the room that it enters.
        public let position: Int
        /// What happens.
        public let kind: Kind
    }

    /// In order.
    public private(set) var entries: [Entry] = []
    /// The bytes to which the entries refer.
    public private(set) var bytes: [UInt8] = []

    /// Nothing yet.
    public init() {}

    /// Removes all entries, and keeps the memory for the next turn unless a burst made it large.
    public mutating func reset() {
        guard !entries.isEmpty else { return }
        let keepsMemory = bytes.capacity <= 1 << 16 && entries.capacity <= 1 << 10
        bytes.removeAll(keepingCapacity: keepsMemory)
        entries.removeAll(keepingCapacity: keepsMemory)
    }

    mutating func add(_ kind: Entry.Kind, of connection: UInt64, at position: Int) {
        entries.append(Entry(connection: connection, position: position, kind: kind))
    }

    /// Appends whole lines and returns their range in `bytes`.
    mutating func append(_ lines: [UInt8]) -> Range<Int> {
        let start = bytes.count
        bytes += lines
        return start..<bytes.count
    }

    /// Appends a line and returns its range in `bytes`.
    mutating func append(_ line: borrowing ChatLine) -> Range<Int> {
        let start = bytes.count
        line.forEachPiece { bytes += $0 }
        return start..<bytes.count
    }
}
