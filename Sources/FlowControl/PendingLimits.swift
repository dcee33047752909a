/// How much of a connection's own output may be pending before the server stops reading from it.
public enum PendingLimits {
    /// Replies other than lists, in bytes.
    public static let replies = 64 << 10
    /// Lists that are not finished, such as answers to WHO.
    public static let lists = 8
    /// The most that a list produces at a time, in bytes.
    public static let listPiece = 16 << 10
    /// What a receiver gets at once in one turn, besides its room's newest lines, in bytes.
    public static let turn = 16 << 10

    /// What is left of a limit: an eighth while memory is scarce, and next to nothing once it is exhausted.
    public static func scaled(_ limit: Int, at level: MemoryBudget.Level) -> Int {
        switch level {
        case .normal, .trims: limit
        case .scarce: max(limit / 8, 1)
        case .exhausted: 1
        }
    }
}
