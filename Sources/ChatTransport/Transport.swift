public import EventLoop

/// A stream of bytes over a non-blocking socket.
///
/// Called on its connection's event loop only. Never blocks, and buffers no more than it must. Nothing above it asks
/// which transport it is. An error sticks: the stream is of no further use in the direction that threw.
public protocol Transport: AnyObject {
    /// Makes the stream ready for reading and writing. To be called again when what it waits for has come.
    func establish() throws(TransportError) -> Completion

    /// Instead of ``establish()``: the peer is not served. Where it could be told so in a line only behind a handshake, it is
    /// told so in the transport's own way, and writing throws.
    func refuse()

    /// Whom the peer is, once established: the names in the certificate that was verified. `nil` where it has shown none.
    var peerNames: [String]? { get }

    /// Reads some bytes. Not while a write waits. What else has come stays in the socket, and the poller tells of it, if there is room for
    /// ``Record/maximumSize`` bytes.
    func read(into buffer: inout MutableSpan<UInt8>) throws(TransportError) -> ReadProgress

    /// Whether a read leaves what has come in further records, though there was room for it. The poller tells of it, but
    /// to read on until a read waits spares a turn for each.
    var readsByRecord: Bool { get }

    /// Writes some of at least one byte. What it has accepted may still be in the transport: see ``unfinishedSize``.
    func write(_ bytes: Span<UInt8>) throws(TransportError) -> WriteProgress

    /// How many bytes the transport keeps of a record that was accepted and is sent in part, at most
    /// ``Record/maximumSize`` and what encryption adds. They leave with ``flush()``, or before anything else is written.
    var unfinishedSize: Int { get }

    /// Sends what is left of a record. To be called again when what it waits for has come.
    func flush() throws(TransportError) -> Completion

    /// What the kernel knows of the peer's acknowledgements, if it knows any.
    var acknowledgement: Acknowledgement? { get }

    /// How many bytes the kernel has that the peer has not acknowledged.
    var unacknowledgedCount: Int { get }

    /// Tells the peer that nothing follows, after what is left of a record; what was written before still arrives. To be called again when what it
    /// waits for has come. Reading goes on until its end; where that has come, and the caller `closes` the socket at once,
    /// it is that which ends the socket's stream.
    func shutDown(closes: Bool) throws(TransportError) -> Completion
}

/// A transport without records, on a socket of which the kernel says nothing.
extension Transport {
    public var unfinishedSize: Int { 0 }

    public func flush() -> Completion { .done }

    public var acknowledgement: Acknowledgement? { nil }

    public var unacknowledgedCount: Int { 0 }
}

/// How far a step without bytes of the caller's has come.
public enum Completion: Equatable, Sendable {
    case done
    /// Nothing can happen before the socket is ready for this.
    case waits(for: Interest)
}

/// What a read has brought.
public enum ReadProgress: Equatable, Sendable {
    /// At least one byte.
    case bytes(Int)
    /// Nothing can be read before the socket is ready for this.
    case waits(for: Interest)
    /// The peer has ended its stream in the way that the transport prescribes.
    case end
}

/// What a write has achieved.
public enum WriteProgress: Equatable, Sendable {
    /// At least one byte.
    case bytes(Int)
    /// So many bytes, and some of them are still in the transport: see ``Transport/unfinishedSize``.
    case unfinished(Int, waits: Interest)
    /// Nothing can be written before the socket is ready for this.
    case waits(for: Interest)
}
