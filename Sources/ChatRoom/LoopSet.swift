/// Some of the event loops, by their indices. Takes no memory of its own: it is made in every turn.
public struct LoopSet: Sendable {
    /// Indices are below this.
    public static let capacity = 64

    private var bits: UInt64 = 0

    mutating func insert(_ loop: Int) {
        bits |= 1 << UInt64(loop)
    }

    /// Calls `body` for each loop.
    public func forEach(_ body: (Int) -> Void) {
        var remaining = bits
        while remaining != 0 {
            body(remaining.trailingZeroBitCount)
            remaining &= remaining - 1
        }
    }
}
