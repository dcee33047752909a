import EventLoop

/// How well a receiver that is behind drains what waits for it. Pure: the caller says what time it is.
///
/// An account of time. It runs on by itself, and each byte that was drained pays for as long as that byte may take at the
/// minimum, up to a little ahead of the present. So what is drained in lumps counts by its mean, and however a receiver
/// goes about it, one that is still waited for has drained the minimum, but for ``lead`` and ``grace``.
struct DrainMeter {
    /// How far ahead a receiver may have paid. Its kernel lets go of what it has read in lumps: over loopback nothing is seen to
    /// be drained for 8 s by one that reads 16 KiB in each of them.
    static let lead = Duration.seconds(5)
    /// How much time a receiver may owe.
    static let patience = Duration.seconds(5)
    /// How much of it the senders wait for, so that a receiver which has stalled does not hold up the others for longer.
    static let grace = Duration.seconds(4)

    /// Up to when the receiver has paid, ``lead`` ahead of the present at the most.
    private(set) var paidUntil: Instant
    /// What each byte pays, in nanoseconds.
    private let price: UInt64
    private var drained: Int

    /// Of a receiver that falls behind now. `minimum` is in bytes a second, of which a tenth is the network's own;
    /// `drained` is where the caller's count stands.
    init(minimum: Int, drained: Int, at now: Instant) {
        price = 1_000_000_000 / UInt64(max(minimum - minimum / 10, 1))
        self.drained = drained
        paidUntil = now + Self.lead
    }

    /// The caller's count is at `drained`, at a time that is no earlier than those before.
    mutating func note(drained: Int, at now: Instant) {
        guard drained > self.drained else { return }
        let (payment, isTooMuch) = UInt64(drained - self.drained).multipliedReportingOverflow(by: price)
        let debt = (now + Self.lead).nanoseconds - paidUntil.nanoseconds
        self.drained = drained
        paidUntil = Instant(nanoseconds: paidUntil.nanoseconds + (isTooMuch ? debt : min(payment, debt)))
    }

    /// Lets the receiver off what it owes.
    mutating func forgive(at now: Instant) {
        paidUntil = now + Self.lead
    }

    /// When the senders no longer wait for it, unless it drains more.
    var graceEnd: Instant { paidUntil + Self.grace }

    /// When it is too slow, unless it drains more.
    var patienceEnd: Instant { paidUntil + Self.patience }
}
