/// Who has to wait because of a receiver that is behind, or of a loop.
enum Hold: UInt8, Comparable {
    case nobody
    /// Those who say much: more than their share of a turn, or than anybody types.
    case floods
    case everybody

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
