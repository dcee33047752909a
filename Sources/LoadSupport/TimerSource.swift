import CLinux
package import EventLoop
import Glibc

/// Calls on an event loop's thread, at once when the time has come: the loop's own deadlines are whole milliseconds.
///
/// Source: timerfd_create(2).
package final class TimerSource: EventSource {
    private let descriptor: CInt
    private let loop: EventLoop
    private let token: Token
    private let action: () -> Void

    package init(on loop: EventLoop, _ action: @escaping () -> Void) throws(SystemCallError) {
        descriptor = timerfd_create(CLOCK_MONOTONIC, CInt(TFD_NONBLOCK | TFD_CLOEXEC))
        guard descriptor >= 0 else { throw .last("timerfd_create") }
        self.loop = loop
        self.action = action
        token = loop.makeToken(descriptor: descriptor)
        try loop.add(self, .readable, token: token)
    }

    deinit { close(descriptor) }

    /// Calls once at `time`, or at once where it has passed.
    package func set(at time: Nanoseconds) {
        // 0 would disarm it.
        arm(first: max(time, 1), interval: 0)
    }

    /// Calls again and again.
    package func repeats(every interval: Nanoseconds) {
        arm(first: .now + interval, interval: interval)
    }

    package func cancel() {
        loop.remove(token)
    }

    package func ready(_ interest: Interest) {
        var count: UInt64 = 0
        read(descriptor, &count, MemoryLayout.size(ofValue: count))
        action()
    }

    package func deadlinePassed() {}

    private func arm(first: Nanoseconds, interval: Nanoseconds) {
        var setting = itimerspec(it_interval: timespec(interval), it_value: timespec(first))
        timerfd_settime(descriptor, CInt(TFD_TIMER_ABSTIME), &setting, nil)
    }
}

extension timespec {
    fileprivate init(_ time: Nanoseconds) {
        self.init(tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
    }
}
