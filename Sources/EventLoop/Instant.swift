import Glibc

/// A time on the kernel's monotonic clock, by which it counts the waits of epoll(7) and poll(2).
///
/// Not the standard library's `ContinuousClock.Instant`: whose layout a program does not know, so that each copy is a call.
/// Source: clock_gettime(2).
public struct Instant: Comparable, Sendable {
    /// Since some time before the process began.
    public let nanoseconds: UInt64

    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    public static var now: Self {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Self(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Later by a duration: by one of centuries, as late as an instant can be; by a negative one, no later.
    public static func + (instant: Self, duration: Duration) -> Self {
        let (seconds, attoseconds) = max(duration, .zero).components
        let (whole, isTooMuch) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let fraction = UInt64(attoseconds) / 1_000_000_000
        let (start, isTooLate) = instant.nanoseconds.addingReportingOverflow(fraction)
        let (sum, isLaterStill) = start.addingReportingOverflow(whole)
        return Self(nanoseconds: isTooMuch || isTooLate || isLaterStill ? .max : sum)
    }
}
