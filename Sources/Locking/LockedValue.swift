public import Glibc

/// A value that one thread at a time can reach.
///
/// Not the standard library's Mutex: ThreadSanitizer does not see that one's atomics and takes every use of it for a race,
/// so that no real race could be told from those. It sees pthread's.
///
/// `@unchecked Sendable`: the value is reached inside ``withLock(_:)`` only, and there by one thread at a time; it can be
/// sent, so that it does not matter which. Source: pthread_mutex_lock(3).
public final class LockedValue<Value: Sendable>: @unchecked Sendable {
    // At an address of its own, which a stored property has not for certain: a mutex must not move.
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    // Behind a pointer, so that the runtime does not watch over accesses that the mutex orders already.
    @usableFromInline let value: UnsafeMutablePointer<Value>

    /// A value that nobody is at.
    public init(_ value: Value) {
        self.value = .allocate(capacity: 1)
        self.value.initialize(to: value)
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        value.deinitialize(count: 1)
        value.deallocate()
    }

    /// Waits until no other thread is at it. Not to be called again from inside `body`, on any thread: it would wait for ever.
    @inlinable
    public func withLock<Result, Failure>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value.pointee)
    }
}
