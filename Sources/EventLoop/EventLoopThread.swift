import CLinux
import Glibc
import SystemPackage

/// A thread of its own for an event loop.
public struct EventLoopThread: ~Copyable {
    private let thread: pthread_t

    /// Runs `body` on a new thread with a name for `top -H`, of which the kernel keeps 15 bytes.
    public init(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemCallError) {
        // The new thread takes over this reference.
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                pthread_setname_np(pthread_self(), String(start.name.prefix(15)))
                start.body()
                return nil
            }, start.toOpaque())
        guard failure == 0 else {
            start.release()
            throw SystemCallError("pthread_create", .init(rawValue: failure))
        }
        self.thread = thread
    }

    deinit { pthread_detach(thread) }

    /// Waits until the thread is gone, with what libraries keep for each thread and free at its end: OpenSSL does so, and
    /// a process that ends meanwhile would pull it from under them. Blocks, so `body` should be done.
    public consuming func join() {
        pthread_join(thread, nil)
        discard self
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
