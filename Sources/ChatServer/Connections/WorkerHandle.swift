package import EventLoop
import Synchronization

/// What other threads know of a worker. Safe on any thread.
package final class WorkerHandle: Sendable {
    let mailbox: Mailbox<Newcomer>
    /// Connections that the worker serves, or is about to.
    let connectionCount = Atomic(0)
    /// Whether senders have to wait for a receiver that the worker serves.
    let isWaitedFor = Atomic(false)
    /// When the worker has last read what somebody said: an ``Instant``, in nanoseconds.
    let lastRead = Atomic<UInt64>(0)

    package init() throws(SystemCallError) {
        mailbox = try Mailbox()
    }
}
