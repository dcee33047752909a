/// An answer to WHO that is produced in pieces: the users who were in the room at the command and still are.
public struct UserList: Sendable {
    let room: RoomID
    /// Which arrivals are still to be listed.
    var arrivals: Range<Int>

    /// Whether every user was listed.
    public var isFinished: Bool { arrivals.isEmpty }
}
