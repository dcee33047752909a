/// A connection's own replies that its peer has not taken.
public struct PendingReplies: Sendable {
    /// The size of replies other than lists, in bytes.
    public var bytes = 0
    /// Lists that are not finished, such as answers to WHO.
    public var lists = 0

    /// None.
    public init() {}

    /// Whether they are so many that the server stops reading from the connection.
    public func exceedsLimits(at level: MemoryBudget.Level) -> Bool {
        bytes >= PendingLimits.scaled(PendingLimits.replies, at: level)
            || lists >= PendingLimits.scaled(PendingLimits.lists, at: level)
    }

    public static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.bytes += right.bytes
        sum.lists += right.lists
        return sum
    }
}
