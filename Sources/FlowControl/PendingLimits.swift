/// How much of a connection's own output may be pending before the server stops reading from it.
public enum PendingLimits {
    /// Replies other than lists, in bytes.
    public static let replies = 64 << 10
    /// Lists that are not finished, such as answers to WHO.
    public static let lists = 8
    /// The most that a list produces at a time, in bytes.
    public static let listPiece = 16 << 10
    /// The most that a receiver is sent in one turn in addition to its room's newest lines, in bytes.
    public static let turn = 16 << 10

    /// Reduces a limit to an eighth while memory is scarce, and to 1 once memory is exhausted.
    public static func scaled(_ limit: Int, at level: MemoryBudget.Level) -> Int {
        switch level {
        case .normal, .trims: limit
        case .scarce: max(limit / 8, 1)
        case .exhausted: 1
        }
    }
}
