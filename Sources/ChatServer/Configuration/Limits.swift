/// How much of the server one client may take.
public struct Limits: Equatable, Sendable {
    /// Connections at once, logged in or not.
    public var connections = 10_000
    /// From the connection to the end of its handshake, where its transport has one.
    public var handshakeTimeout = Duration.seconds(10)
    /// From then to the LOGIN.
    public var loginTimeout = Duration.seconds(60)
    /// From one line of a client to its next; `nil`: it may be silent for ever.
    public var idleTimeout: Duration?
    /// Bytes that wait for one client which does not read them.
    public var sendQueue = 1 << 20
    /// From the signal that ends the server to its end, for clients that are slow to read what they are owed.
    public var shutdownGrace = Duration.seconds(5)

    /// The defaults.
    public init() {}
}
