import TestSupport

typealias SplitMix64 = TestSupport.SplitMix64

/// What clients of a soak do at random.
extension SplitMix64 {
    /// In milliseconds.
    mutating func pause(_ range: ClosedRange<Int>) -> Step {
        .pause(.milliseconds(Int.random(in: range, using: &self)))
    }

    mutating func bytes(_ count: Int, from range: ClosedRange<UInt8> = 0...255) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: range, using: &self) }
    }
}
