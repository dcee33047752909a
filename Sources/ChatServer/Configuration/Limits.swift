import ChatProtocol

/// How much of the server one client may take.
public struct Limits: Equatable, Sendable {
    /// Connections at once, logged in or not.
    public var connections = 10_000
    /// Connections at once from one ``AddressBlock``; this machine's own are exempt.
    public var connectionsPerAddress = 100
    /// New connections from one ``AddressBlock`` in a minute; this machine's own are exempt.
    public var connectionRate = 200
    /// Connections at once whose transport's handshake is under way.
    public var handshakes = 2_000
    /// Users at once.
    public var users = 10_000
    /// Of a name, in Unicode scalars.
    public var usernameLength = Username.maximumLength
    /// Of a line, in bytes before its end.
    public var lineLength = LineDecoder.maximumLineLength
    /// From the connection to the end of its handshake, where its transport has one.
    public var handshakeTimeout = Duration.seconds(10)
    /// From then to the LOGIN.
    public var loginTimeout = Duration.seconds(60)
    /// From one line of a client to its next; `nil`: it may be silent for ever.
    public var idleTimeout: Duration?
    /// How long the network may be silent before the kernel asks whether the peer is still there; `nil`: it does not.
    public var keepalive: Duration? = .seconds(60)
    /// Bytes that wait for one client which does not read them.
    public var sendQueue = 1 << 20
    /// Bytes that wait for all clients together; beyond, the slowest go.
    public var totalSendQueue = 256 << 20
    /// Bytes a second that a client for which something waits has to read.
    public var minimumDrain = 16 << 10
    /// From the signal that ends the server to its end, for clients that are slow to read what they are owed.
    public var shutdownGrace = Duration.seconds(5)

    /// The defaults.
    public init() {}
}
