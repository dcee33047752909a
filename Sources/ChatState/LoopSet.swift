/// Some of the event loops, by their indices. Takes no memory of its own: it is made in every turn.
public struct LoopSet: Sequence, IteratorProtocol, Sendable {
    /// Indices are below this.
    public static let capacity = 64

    private var bits: UInt64 = 0

    /// No loop.
    public init() {}

    /// Whether no loop is in it.
    public var isEmpty: Bool { bits == 0 }

    mutating func insert(_ loop: Int) {
        bits |= 1 << UInt64(loop)
    }

    mutating func remove(_ loop: Int) {
        bits &= ~(1 << UInt64(loop))
    }

    /// Takes out the lowest index.
    public mutating func next() -> Int? {
        guard bits != 0 else { return nil }
        defer { bits &= bits - 1 }
        return bits.trailingZeroBitCount
    }
}
