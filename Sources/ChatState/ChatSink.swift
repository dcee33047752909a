import ChatProtocol

/// Receives the consequences of a ``ChatEvent``, in order.
protocol ChatSink {
    /// A line for every current member of the room.
    mutating func announce(_ line: borrowing ChatLine, in room: RoomID)
    /// Whole lines for one connection. `room` is the room of the connection's user, `nil` if it has no user.
    mutating func reply(_ lines: [UInt8], to connection: ConnectionID, in room: RoomID?)
    /// A direct message.
    mutating func direct(
        _ line: borrowing ChatLine, to connection: ConnectionID, in room: RoomID, from sender: DirectSender)
    /// The connection receives the room's lines from here on.
    mutating func enter(_ room: RoomID, _ connection: ConnectionID)
    /// The connection receives the room's lines up to here. An expelled one is closed by its event loop after its last line.
    mutating func leave(_ room: RoomID, _ connection: ConnectionID, isExpelled: Bool)
}
