import CLinux
import Glibc
import Synchronization

/// Ends an event loop's wait from another thread. Safe on any thread.
///
/// Source: eventfd(2).
public final class Wakeup: Sendable {
    let descriptor: CInt
    private let hasWoken = Atomic(false)

    /// Throws the error of eventfd(2).
    public init() throws(SystemCallError) {
        descriptor = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { throw .last("eventfd") }
    }

    deinit { close(descriptor) }

    /// Whether the loop has not acknowledged a call of ``wake()`` yet.
    package var isPending: Bool { hasWoken.load(ordering: .acquiring) }

    /// Has the loop begin a turn. Calls before that turn cost no system call.
    public func wake() {
        guard !hasWoken.exchange(true, ordering: .acquiringAndReleasing) else { return }
        // The counter of a waiting loop is 0, so that this neither blocks nor fails.
        eventfd_write(descriptor, 1)
    }

    /// The loop is awake: whatever happened before a ``wake()`` up to now is visible to it behind this call.
    func acknowledge() {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
        _ = hasWoken.exchange(false, ordering: .acquiringAndReleasing)
    }
}
