package import CLinux
import EventLoop
import Glibc

/// A time on the monotonic clock, or a length of time: a histogram of them takes no floating point.
package typealias Nanoseconds = UInt64

extension Nanoseconds {
    /// The monotonic clock.
    package static var now: Self { Instant.now.nanoseconds }

    /// How long this process has run.
    package static var ownTime: Self { time(of: CLOCK_PROCESS_CPUTIME_ID) }

    package init(seconds: Double) {
        self = Self(seconds * 1e9)
    }

    package var seconds: Double { Double(self) / 1e9 }
    package var microseconds: Double { Double(self) / 1e3 }

    /// Source: clock_gettime(2).
    package static func time(of clock: clockid_t) -> Self {
        var time = timespec()
        clock_gettime(clock, &time)
        return Self(time.tv_sec) * 1_000_000_000 + Self(time.tv_nsec)
    }
}
