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

    /// A limit while memory is scarce.
    public static func scaled(_ limit: Int, at level: MemoryBudget.Level) -> Int {
        level >= .scarce ? max(limit / 8, 1) : limit
    }
}
