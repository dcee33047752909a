package import EventLoop
import Synchronization

/// What other threads know of a worker. Safe on any thread.
package final class WorkerHandle: Sendable {
    let mailbox: Mailbox<Newcomer>
    /// Connections that the worker serves, or is about to.
    let connectionCount = Atomic(0)
    /// Who has to wait for receivers that the worker serves: a ``Hold``.
    let hold = Atomic(Hold.nobody.rawValue)
    /// When somebody whom the worker serves has last said little: an ``Instant``, in nanoseconds.
    let lastQuietLine = Atomic<UInt64>(0)
    /// Some of those whom the worker serves flood, and have to wait.
    let holdsFloods = Atomic(false)

    package init() throws(SystemCallError) {
        mailbox = try Mailbox()
    }
}
