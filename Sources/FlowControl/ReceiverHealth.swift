/// Whether a receiver that lags still reads at the minimum rate, and so whether bulk lines wait for it.
///
/// A bucket of time: acknowledged room lines fill it at the minimum rate, time empties it. It is kept as the instant at
/// which it will be empty. Pure: the caller passes the current time, which never decreases.
public struct ReceiverHealth: Sendable {
    /// The time in a full bucket. A new bucket is full.
    public static let capacity = Nanoseconds.seconds(60)
    /// The time that the bucket of an unhealthy receiver must hold before the receiver is healthy again.
    public static let recovery = Nanoseconds.seconds(10)

    private var emptyAt: Nanoseconds
    /// Whether bulk lines wait for the receiver.
    public private(set) var isHealthy = true
    /// When the peer last acknowledged something.
    public private(set) var lastProgress: Nanoseconds

    /// A receiver that begins to lag now.
    public init(at now: Nanoseconds) {
        emptyAt = now + Self.capacity
        lastProgress = now
    }

    /// When the receiver becomes unhealthy if it acknowledges nothing; `nil` if it is unhealthy already.
    public var nextChange: Nanoseconds? { isHealthy ? emptyAt + 1 : nil }

    /// The peer acknowledged `roomBytes` of room lines; `minimumRate` is in bytes a second.
    public mutating func acknowledge(roomBytes: Int, minimumRate: Int, at now: Nanoseconds) {
        let rate = UInt64(max(minimumRate, 1))
        let pay = UInt64(max(roomBytes, 0)).multipliedFullWidth(by: 1_000_000_000)
        var time = Self.capacity
        if pay.high < rate {
            let (quotient, remainder) = rate.dividingFullWidth(pay)
            // Rounded up: many small acknowledgements lose nothing.
            time = min(quotient + (remainder > 0 ? 1 : 0), Self.capacity)
        }
        // The bucket is filled before it is checked, because these bytes were acknowledged since the last observation. The
        // bucket of a healthy receiver loses all the time that has passed since then.
        if isHealthy, emptyAt + time < now { isHealthy = false }
        emptyAt = min((isHealthy ? emptyAt : max(emptyAt, now)) + time, now + Self.capacity)
        observe(at: now)
    }

    /// The peer acknowledged something, whatever it was.
    public mutating func progress(at now: Nanoseconds) {
        lastProgress = now
    }

    /// Time has passed.
    public mutating func observe(at now: Nanoseconds) {
        if emptyAt < now {
            isHealthy = false
        } else if !isHealthy, emptyAt >= now + Self.recovery {
            isHealthy = true
        }
    }
}
