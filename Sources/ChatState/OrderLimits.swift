import ChatProtocol
public import FlowControl

/// The limits that an order keeps.
public struct OrderLimits: Sendable {
    /// Users at once.
    public var users = Int.max
    /// The maximum length of a name, in Unicode scalars.
    public var usernameLength = Username.maximumLength
    /// The size of a room's log, in bytes.
    public var roomLog = 16 << 20
    /// The rate of typed text for each connection, in bytes a second. Text above this rate is bulk text.
    public var interactiveRate = 128
    /// The memory for room logs, pending output and unread input.
    public var memory = MemoryBudget(limit: 512 << 20)

    /// The defaults.
    public init() {}
}
