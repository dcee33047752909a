import EventLoop

/// How much a sender says. Pure: the caller says what time it is.
struct SpeechMeter {
    /// What nobody types, in bytes for each receiver.
    private static let most = 64 << 10
    private static let window = Duration.seconds(1)

    private var end = Instant(nanoseconds: 0)
    private var count = 0

    /// Whether it has said more in the last second, or so, than anybody types.
    func exceeds(at now: Instant) -> Bool { now < end && count > Self.most }

    mutating func note(_ bytes: Int, at now: Instant) {
        if end <= now { (end, count) = (now + Self.window, 0) }
        count += bytes
    }
}
