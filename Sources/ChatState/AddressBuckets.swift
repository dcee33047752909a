import FlowControl

/// A token bucket for each address. It outlives the address's connections until it is full again.
struct AddressBuckets: Sendable {
    private static let sweepThreshold = 4_096

    private let rate: TokenBucket.Rate
    private var buckets: [PeerGroup: TokenBucket] = [:]
    /// How many buckets there may be before full ones are looked for.
    private var threshold = sweepThreshold

    init(rate: TokenBucket.Rate) {
        self.rate = rate
    }

    /// From when on the group's address has tokens; 0 for an exempt one.
    func refillInstant(of group: PeerGroup) -> Nanoseconds {
        group.isExempt ? 0 : buckets[group]?.refillInstant(rate) ?? 0
    }

    mutating func take(_ count: Int, from group: PeerGroup, at now: Nanoseconds) {
        guard !group.isExempt else { return }
        buckets[group, default: TokenBucket()].take(count, rate, at: now)
        guard buckets.count > threshold else { return }
        buckets = buckets.filter { !$0.value.isFull(at: now) }
        threshold = max(2 * buckets.count, Self.sweepThreshold)
    }
}
