import ChatProtocol
package import ChatState
public import EventLoop
import FlowControl

/// How much of the server one client may take.
public struct Limits: Equatable, Sendable {
    /// Connections at once, logged in or not.
    public var connections = 10_000
    /// Connections at once from one ``AddressBlock``.
    public var connectionsPerAddress = 100
    /// New connections from one ``AddressBlock`` in a minute.
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
    /// What the server keeps in memory for clients to read, in bytes. At least ``leastRoomLogs`` times ``roomLog``.
    public var memory = 512 << 20
    /// What is kept of a room for those who lag, in bytes: a client that lags by more is disconnected.
    public var roomLog = 16 << 20
    /// Bytes a second: pasted text waits for a lagging client that reads at least this.
    public var minimumReadRate = 16 << 10
    /// How long a client may acknowledge nothing while output is pending.
    public var stallTimeout = Duration.seconds(300)
    /// What a user types, in bytes a second: more, beyond a burst, is treated as pasted text.
    public var interactiveRate = 128
    /// Networks that are free of every limit by address.
    public var exempt = Network.loopback
    /// From the signal that ends the server to its end, for clients that are slow to read their pending output.
    public var shutdownGrace = Duration.seconds(5)

    static let leastRoomLogs = 4

    /// The defaults.
    public init() {}

    /// Those that the order keeps.
    package var ofOrder: OrderLimits {
        var limits = OrderLimits()
        limits.users = users
        limits.usernameLength = usernameLength
        limits.roomLog = roomLog
        limits.interactiveRate = interactiveRate
        limits.memory = MemoryBudget(limit: memory)
        return limits
    }
}
