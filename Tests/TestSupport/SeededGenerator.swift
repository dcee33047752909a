import Foundation

/// Random numbers that a failed test can be run again with: `TEST_SEED=<seed> swift test`.
public struct SeededGenerator: RandomNumberGenerator, CustomStringConvertible {
    /// What this run was begun with.
    public let seed: UInt64
    private var random: SplitMix64

    /// A generator for one test, whose seed is printed.
    public init(for test: String = #function) {
        let given = ProcessInfo.processInfo.environment["TEST_SEED"].flatMap { UInt64($0) }
        seed = given ?? .random(in: 0..<1 << 32)
        random = SplitMix64(seed: seed)
        print("\(test): \(self)")
    }

    public var description: String { "TEST_SEED=\(seed)" }

    public mutating func next() -> UInt64 { random.next() }

    /// `bytes` cut into chunks of 1 to `largest` bytes.
    public mutating func chunks(of bytes: [UInt8], upTo largest: Int) -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let size = Int.random(in: 1...largest, using: &self)
            chunks.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return chunks
    }
}
