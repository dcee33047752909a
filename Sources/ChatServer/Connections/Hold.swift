/// Who has to wait because of a receiver that is behind, or of a loop.
enum Hold: UInt8, Comparable {
    case nobody
    /// Those who have more to say than their share of a turn.
    case floods
    case everybody

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
