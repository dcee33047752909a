import EventLoop

/// Watches over a receiver that is behind: whether it keeps up, and so whether senders wait for it.
///
/// Pure: the caller says what time it is, and how many bytes the peer has taken.
struct DrainWatch {
    private var meter: DrainMeter?
    /// Who waits for this receiver.
    private(set) var hold = Hold.nobody

    /// Whether the receiver is behind.
    var isOn: Bool { meter != nil }

    /// Up to when the receiver has paid, as ``DrainMeter`` has it; `nil` while it is not behind.
    var paidUntil: Instant? { meter?.paidUntil }

    /// When to look again, unless the receiver is not behind any more.
    var deadline: Instant? { hold == .nobody ? meter?.patienceEnd : meter?.graceEnd }

    func isTooSlow(at now: Instant) -> Bool { meter.map { $0.patienceEnd <= now } ?? false }

    /// The receiver is behind: so many bytes of what it was sent have reached its kernel.
    mutating func note(drained: Int, minimum: Int, at now: Instant) {
        meter?.note(drained: drained, at: now)
        meter = meter ?? DrainMeter(minimum: minimum, drained: drained, at: now)
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
