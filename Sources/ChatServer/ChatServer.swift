import ChatState
import EventLoop
import Glibc
public import Logging
public import ServiceLifecycle

/// The chat server: its listeners, and a worker on each event loop.
public final class ChatServer: Service {
    /// The listeners in the order of the configuration, each with its actual port.
    public let listeners: [ListenerURL]

    private let bound: [BoundListener]
    private let configuration: ServerConfiguration
    private let certificates: Certificates?
    private let logger: Logger

    /// Listens, so that connections wait; they are served by ``run()``. Where one listener fails, none is left open.
    ///
    /// For the whole process, raises the limit of descriptors, has large blocks of the heap mapped, and ignores SIGPIPE: a
    /// write to a connection that is gone is an error like others. Throws a ``ConfigurationError``, before it listens
    /// anywhere, or a ``ListenError``.
    public init(_ configuration: ServerConfiguration, logger: Logger) throws {
        signal(SIGPIPE, SIG_IGN)
        FreeMemory.mapLargeBlocks()
        let descriptors = DescriptorLimit.raise()
        if descriptors <= configuration.limits.connections {
            logger.warning(
                "fewer descriptors than limits.connections: raise the hard limit (ulimit -Hn), or lower the key",
                metadata: [
                    "descriptors": "\(descriptors)", "limits.connections": "\(configuration.limits.connections)",
                ])
        }
        let certificates = try configuration.tls.map { try Certificates($0, logger: logger) }
        let transports = try configuration.listeners.map { try ChatServer.transport(of: $0, certificates) }
        let keepalive = configuration.limits.keepalive
        bound = try zip(configuration.listeners, transports).map { url, transport in
            try BoundListener(url, transport) { address throws(SystemCallError) in
                try Socket.listening(on: address, keepalive: keepalive)
            }
        }
        self.certificates = certificates
        self.configuration = configuration
        self.logger = logger
        listeners = bound.map(\.url)
    }

    private static func transport(
        of url: ListenerURL, _ certificates: Certificates?
    ) throws(ConfigurationError) -> TransportFactory {
        switch url.transport {
        case .plain: return .plain
        case .tls:
            guard let certificates else {
                throw ConfigurationError(source: "listen", key: "\(url)", problem: "needs a certificate")
            }
            return .tls(certificates.context)
        }
    }

    /// Reads the certificates again, and has new connections use them. Where they cannot be used, the old ones stay, and
    /// the log says why. Safe on any thread; reads files.
    public func reloadCertificates() {
        guard let certificates else { return logger.notice("no certificates to reload") }
        certificates.reload()
    }

    /// Serves until the graceful shutdown of its service group or the cancellation of its task, and until every client was
    /// told and has got its pending output, or ``Limits/shutdownGrace`` is over. To be called once.
    ///
    /// Throws the error of an event loop that could not go on; the others are shut down then.
    public func run() async throws {
        let handles = try (0..<configuration.eventLoops).map { _ in try WorkerHandle() }
        let limits = configuration.limits
        let order = LocalOrder(loops: handles.count, limits: limits.ofOrder)
        let admission = Admission(limits)
        // Ends with this scope.
        async let _ = certificates?.watch()
        for listener in listeners {
            logger.info("listening", metadata: ["listener": "\(listener)", "event-loops": "\(handles.count)"])
        }
        let close = { @Sendable in
            order.close()
            for handle in handles { handle.mailbox.wakeup.wake() }
        }
        try await withGracefulShutdownHandler {
            try await withTaskCancellationHandler {
                try await withThrowingTaskGroup { group in
                    for index in handles.indices {
                        group.addTask {
                            defer { close() }
                            try await self.runWorker(index, of: handles, order, admission)
                        }
                    }
                    try await group.waitForAll()
                }
            } onCancel: {
                close()
            }
        } onGracefulShutdown: {
            self.logger.info("shutting down")
            close()
        }
        logger.info("stopped")
    }

    private func runWorker(
        _ index: Int, of handles: [WorkerHandle], _ order: LocalOrder, _ admission: Admission
    ) async throws {
        var thread: EventLoopThread?
        defer { thread.take()?.join() }
        try await withCheckedThrowingContinuation { continuation in
            do {
                thread = try EventLoopThread(name: "chat-loop-\(index)") {
                    continuation.resume(with: Result { try self.work(index, of: handles, order, admission) })
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Everything that is confined to the event loop is made on its thread, and ends there.
    private func work(_ index: Int, of handles: [WorkerHandle], _ order: LocalOrder, _ admission: Admission) throws {
        do {
            let loop = try EventLoop(poller: configuration.poller, wakeup: handles[index].mailbox.wakeup)
            let worker = Worker(
                index: index, of: handles, on: loop, order: order, admission: admission, limits: configuration.limits,
                logger: logger)
            if index == 0 {
                try worker.accept(
                    on: bound, with: Acceptor(handles, admission: admission, limits: configuration.limits))
            }
            while !worker.isDone { try worker.loop.runTurn(worker) }
        } catch {
            logger.critical("an event loop failed", metadata: ["loop": "\(index)", "error": "\(error)"])
            throw error
        }
    }
}
