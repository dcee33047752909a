/// Whether a receiver that lags still reads at the minimum rate, and so whether bulk lines wait for it.
///
/// A bucket of time: acknowledged room lines fill it at the minimum rate, time empties it. It is kept as the instant at
/// which it will be empty. Pure: the caller says what time it is, never earlier than before.
public struct ReceiverHealth: Sendable {
    /// What the bucket holds when it is full, which is what it starts with.
    public static let capacity = Nanoseconds.seconds(60)
    /// What it must hold before an unhealthy receiver is healthy again.
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

    /// When an observation changes something though nothing was acknowledged; `nil` for an unhealthy receiver.
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
        // What was acknowledged since the last observation counts for that time, and no time is forgiven.
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
