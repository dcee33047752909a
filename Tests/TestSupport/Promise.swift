import Locking

/// A value that a thread hands to a test, which may ask for it more than once.
///
/// Asked by one task at a time.
final class Promise<Value: Sendable>: Sendable {
    private let kept = LockedValue<Value?>(nil)
    private let (news, announcer) = AsyncStream<Void>.makeStream()

    /// What is kept first stays.
    func keep(_ value: Value) {
        kept.withLock { $0 = $0 ?? value }
        announcer.finish()
    }

    /// `nil` if the task is cancelled before there is one.
    func value() async -> Value? {
        // Not a continuation: a test that is cancelled at its time limit must not go on waiting.
        for await _ in news {}
        return kept.withLock { $0 }
    }
}
