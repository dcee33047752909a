import EventLoop

/// Lets a line into the log once a minute, where strangers could cause it as often as they like.
struct LogThrottle {
    private static let interval = Duration.seconds(60)

    private var next = Instant(nanoseconds: 0)

    /// Whether the line is to be written now.
    mutating func passes(at now: Instant) -> Bool {
        guard next <= now else { return false }
        next = now + Self.interval
        return true
    }
}
