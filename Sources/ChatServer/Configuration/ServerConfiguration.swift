import ChatState
public import EventLoop
public import Logging

/// How the server runs: everything that an operator can set, and the poller, which only tests choose.
public struct ServerConfiguration: Sendable {
    /// At least one.
    public var listeners = [ListenerURL(.plain, host: ListenerURL.anyHost, port: Self.defaultPort)]
    /// What TLS listeners present; `nil` where there is none.
    public var tls: TLSConfiguration?
    /// Threads that serve connections, 1 to ``maximumEventLoops``.
    public var eventLoops = 1
    /// How much of the server one client may take.
    public var limits = Limits()
    /// What the program's logger is to let through.
    public var logLevel = Logger.Level.info
    /// Which of the kernel's interfaces the event loops wait with.
    public var poller = PollerKind.epoll

    static let defaultPort: UInt16 = 4000
    /// That of `openssl s_client`.
    static let defaultTLSPort: UInt16 = 4433
    static let maximumEventLoops = LoopSet.capacity

    /// The defaults, but for the number of event loops, which is that of the machine's cores only in ``load(_:)``.
    public init() {}
}
