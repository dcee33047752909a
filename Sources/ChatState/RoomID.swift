/// Names a room, in the whole process.
public struct RoomID: Hashable, Sendable {
    /// The room that a LOGIN enters.
    public static let lobby = Self(index: 0)

    /// In the list of rooms.
    let index: Int
}
