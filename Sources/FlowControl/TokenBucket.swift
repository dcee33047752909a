/// A token bucket: it refills at a constant rate up to its burst. ``take(_:_:at:)`` may leave it below zero.
///
/// Stored as the instant at which it will be full. Pure: the caller passes the current time, which never decreases.
/// Source: ITU-T I.371, the generic cell rate algorithm.
public struct TokenBucket: Sendable {
    /// How much a bucket holds and how fast it refills.
    public struct Rate: Sendable {
        fileprivate let nanosecondsForToken: UInt64
        fileprivate let burst: UInt64

        /// `burst` tokens at most, one more in each `interval`.
        public init(burst: Int, interval: Nanoseconds) {
            nanosecondsForToken = max(interval, 1)
            self.burst = UInt64(max(burst, 1)) * nanosecondsForToken
        }

        /// `burst` tokens at most, `perSecond` more in a second, at least 1.
        public init(burst: Int, perSecond: Int) {
            self.init(burst: burst, interval: 1_000_000_000 / UInt64(max(perSecond, 1)))
        }
    }

    private var fullAt: Nanoseconds = 0

    /// A full bucket.
    public init() {}

    /// The instant from which on it holds tokens, if none are taken before.
    public func refillInstant(_ rate: Rate) -> Nanoseconds { fullAt < rate.burst ? 0 : fullAt - rate.burst + 1 }

    /// Takes tokens if it holds as many. Returns whether it did.
    public mutating func tryTake(_ count: Int, _ rate: Rate, at now: Nanoseconds) -> Bool {
        let full = max(fullAt, now) + UInt64(max(count, 0)) * rate.nanosecondsForToken
        guard full <= now + rate.burst else { return false }
        fullAt = full
        return true
    }

    /// Whether it holds all that it can.
    public func isFull(at now: Nanoseconds) -> Bool { fullAt <= now }

    /// Takes tokens; below zero it goes to minus the burst at most.
    public mutating func take(_ count: Int, _ rate: Rate, at now: Nanoseconds) {
        let (time, isTooLong) = UInt64(max(count, 0)).multipliedReportingOverflow(by: rate.nanosecondsForToken)
        let lowest = now + 2 * rate.burst
        fullAt = isTooLong ? lowest : min(max(fullAt, now) + min(time, 2 * rate.burst), lowest)
    }
}
