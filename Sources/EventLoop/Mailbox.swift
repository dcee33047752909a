import Locking
import Synchronization

/// What other threads have for an event loop: messages in order, and a wake-up. Safe on any thread.
public final class Mailbox<Message: Sendable>: Sendable {
    /// Wakes the loop without a message.
    public let wakeup: Wakeup
    private let messages = LockedValue<[Message]>([])
    /// Set behind a message, so that a loop looks for one only where there is one.
    private let hasMessages = Atomic(false)

    /// Throws the error of eventfd(2).
    public init() throws(SystemCallError) {
        wakeup = try Wakeup()
    }

    /// Leaves a message and wakes the loop.
    public func post(_ message: consuming sending Message) {
        let message = message
        messages.withLock { $0.append(message) }
        hasMessages.store(true, ordering: .releasing)
        wakeup.wake()
    }

    /// Takes all messages, in the order in which they came.
    public func takeAll() -> [Message] {
        guard hasMessages.exchange(false, ordering: .acquiring) else { return [] }
        return messages.withLock { messages in
            let taken = messages
            if !taken.isEmpty { messages = [] }
            return taken
        }
    }
}
