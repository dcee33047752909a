/// The memory that the server may use for room logs, pending output and unread input.
public struct MemoryBudget: Sendable {
    /// How scarce memory is. Each level includes the measures of those below it.
    public enum Level: Int, Comparable, Sendable {
        case normal
        /// Half is used: lines that only unhealthy receivers need are dropped.
        case trims
        /// Three quarters are used: bulk lines wait for lagging receivers, and pending output is limited to an eighth.
        case scarce
        /// All is used: the largest pending output is dropped, with its connection.
        case exhausted

        public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// In bytes.
    public let limit: Int

    /// `limit` is in bytes.
    public init(limit: Int) {
        self.limit = limit
    }

    /// The level when so many bytes are used.
    public func level(used: Int) -> Level {
        if used >= limit { return .exhausted }
        if used >= limit / 4 * 3 { return .scarce }
        return used >= limit / 2 ? .trims : .normal
    }
}
