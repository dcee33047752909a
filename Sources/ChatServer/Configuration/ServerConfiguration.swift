import ChatRoom
public import EventLoop
public import Logging

/// Everything that an operator can set.
public struct ServerConfiguration: Sendable {
    public var listeners = [ListenerURL(.plain, host: ListenerURL.anyHost, port: Self.defaultPort)]
    /// Threads that serve connections, 1 to ``maximumEventLoops``.
    public var eventLoops = 1
    public var limits = Limits()
    public var logLevel = Logger.Level.info
    /// Which of the kernel's interfaces the event loops wait with.
    public var poller = PollerKind.epoll

    static let defaultPort: UInt16 = 4000
    static let maximumEventLoops = LoopSet.capacity

    public init() {}
}
