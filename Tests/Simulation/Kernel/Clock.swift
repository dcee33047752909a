import EventLoop
import FlowControl

/// The time of a simulation, which only its operations advance.
final class Clock {
    var now: Nanoseconds = .seconds(1)

    func advance(_ time: Nanoseconds) {
        now += time
    }

    var instant: Instant { Instant(nanoseconds: now) }
}
