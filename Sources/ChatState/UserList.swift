/// An answer to WHO that is produced in pieces: the members at the time of the command, without users that left since then.
public struct UserList: Sendable {
    let room: RoomID
    /// Which arrivals are still to be listed.
    var arrivals: Range<Int>

    /// Whether every user was listed.
    public var isFinished: Bool { arrivals.isEmpty }
}
