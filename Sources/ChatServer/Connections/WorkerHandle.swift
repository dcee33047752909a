package import EventLoop
import Synchronization

/// What other threads know of a worker. Safe on any thread.
package final class WorkerHandle: Sendable {
    let mailbox: Mailbox<Newcomer>
    /// Connections that the worker serves, or is about to.
    let connectionCount = Atomic(0)

    package init() throws(SystemCallError) {
        mailbox = try Mailbox()
    }
}
