import EventLoop

/// Watches over a receiver that is behind: whether it keeps up, and so whether senders wait for it.
///
/// Pure: the caller says what time it is, and how many bytes the peer has taken.
struct DrainWatch {
    /// One that is behind for so long is waited for until it has caught up: it would never be heard itself otherwise.
    private static let attention = Duration.seconds(1)

    private var meter: DrainMeter?
    private var begin = Instant(nanoseconds: 0)
    /// The receiver has been behind for longer than a moment.
    private(set) var isLasting = false
    /// Who waits for this receiver.
    private(set) var hold = Hold.nobody

    /// Whether the receiver is behind.
    var isOn: Bool { meter != nil }

    /// Up to when the receiver has paid, as ``DrainMeter`` has it; `nil` while it is not behind.
    var paidUntil: Instant? { meter?.paidUntil }

    /// When to look again, unless the receiver is not behind any more.
    var deadline: Instant? {
        guard hold == .nobody else { return meter?.graceEnd }
        return isLasting ? meter?.patienceEnd : meter.map { _ in begin + Self.attention }
    }

    func isTooSlow(at now: Instant) -> Bool { meter.map { $0.patienceEnd <= now } ?? false }

    /// The receiver is behind: so many bytes of what it was sent have reached its kernel.
    mutating func note(drained: Int, minimum: Int, at now: Instant) {
        guard meter != nil else {
            meter = DrainMeter(minimum: minimum, drained: drained, at: now)
            begin = now
            return
        }
        meter?.note(drained: drained, at: now)
        isLasting = begin + Self.attention <= now
    }

    /// Has senders wait for it, but none for one that has stalled.
    mutating func setHold(_ wanted: Hold, at now: Instant) {
        hold = meter.map { $0.graceEnd > now } ?? false ? wanted : .nobody
    }

    /// Lets the receiver off what it owes.
    mutating func forgive(at now: Instant) {
        meter?.forgive(at: now)
    }

    /// The receiver is not behind any more.
    mutating func end() {
        self = Self()
    }
}
