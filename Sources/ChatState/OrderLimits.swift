import ChatProtocol
public import FlowControl

/// The limits that an order keeps.
public struct OrderLimits: Sendable {
    /// Users at once.
    public var users = Int.max
    /// Of a name, in Unicode scalars.
    public var usernameLength = Username.maximumLength
    /// Of a room's log, in bytes.
    public var roomLog = 16 << 20
    /// What a user types, for each connection, in bytes a second: what is more is bulk.
    public var interactiveRate = 128
    /// What the server keeps in memory for others to read.
    public var memory = MemoryBudget(limit: 512 << 20)

    /// The defaults.
    public init() {}
}
