import ChatTransport
package import EventLoop
import Synchronization

/// The part of a worker that other threads use. Safe on any thread.
package final class WorkerHandle: Sendable {
    /// A message from another thread to a worker.
    enum Message: Sendable {
        case accepted(Origin, makeTransport: @Sendable () -> any Transport)
        case moved(MovedConnection)
    }

    let mailbox: Mailbox<Message>
    /// Users whom the worker serves, and connections that are about to log in there.
    let memberCount = Atomic(0)
    /// Handshakes that wait for the worker.
    let pendingHandshakes = Atomic(0)
    /// Connections that the worker serves, or is about to; far below zero once it serves none any more.
    private let connectionCount = Atomic(0)

    package init() throws(SystemCallError) {
        mailbox = try Mailbox()
    }

    /// Wakes the worker's event loop.
    package var wakeup: Wakeup { mailbox.wakeup }

    /// How many connections the worker serves, or is about to.
    var load: Int { connectionCount.load(ordering: .relaxed) }

    /// Announces a connection. Returns whether the worker will still serve it.
    package func reserve() -> Bool {
        guard connectionCount.add(1, ordering: .relaxed).newValue > 0 else {
            connectionCount.subtract(1, ordering: .relaxed)
            return false
        }
        return true
    }

    /// Ends the reservation of a connection, because the worker no longer serves it, or will not serve it.
    func release() {
        connectionCount.subtract(1, ordering: .relaxed)
    }

    /// If no connection is announced, none will be from now on. Returns whether that is so.
    func closeIfUnused() -> Bool {
        connectionCount.compareExchange(expected: 0, desired: .min / 2, ordering: .relaxed).exchanged
    }
}

/// A connection on its way from one worker to another.
///
/// `@unchecked Sendable`: the worker that sends it has released every reference to it, and the connection has none to that
/// worker's event loop. The mailbox orders every action of the first worker before every action of the second.
struct MovedConnection: @unchecked Sendable {
    let connection: Connection
}
