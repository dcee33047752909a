public import EventLoop

/// The bytes as they are, over TCP.
///
/// A peer that begins with a TLS ClientHello gets a fatal TLS alert instead of silence: PROTOCOL.md, "The wrong
/// protocol on a port".
public final class PlainTransport: Transport {
    private enum Opening {
        case unread
        /// The first byte came alone, and could be that of a ClientHello.
        case held(UInt8)
        case settled
        /// It was a ClientHello: what follows is no text.
        case refused
    }

    private let socket: Socket
    private var opening = Opening.unread

    /// A stream over a connected socket.
    public init(_ socket: Socket) {
        self.socket = socket
    }

    public func establish() -> Completion { .done }

    public func refuse() {}

    public var peerNames: [String]? { nil }

    public func read(into buffer: inout MutableSpan<UInt8>) throws(TransportError) -> ReadProgress {
        switch opening {
        case .settled: return try socket.read(into: &buffer)
        case .refused: throw Self.wrongTransport
        case .unread: return try settle(socket.read(into: &buffer), in: buffer.span)
        case .held(let first):
            let progress = try socket.read(into: &buffer, at: 1)
            switch progress {
            case .waits: return progress
            case .bytes(let count):
                buffer[0] = first
                return try settle(.bytes(1 + count), in: buffer.span)
            case .end:
                buffer[0] = first
                opening = .settled
                return .bytes(1)
            }
        }
    }

    public var readsByRecord: Bool { false }

    @inline(__always)
    public func write(_ bytes: Span<UInt8>) throws(TransportError) -> WriteProgress {
        try socket.write(bytes)
    }

    public var acknowledgement: Acknowledgement? { socket.acknowledgement }

    public var unacknowledgedCount: Int { socket.unacknowledgedCount }

    public func shutDown(closes: Bool) throws(TransportError) -> Completion {
        // What still comes is of no use to anybody: it can be read, and be done with.
        if case .refused = opening { opening = .settled }
        return try socket.shutDown(closes: closes)
    }

    private static var wrongTransport: TransportError { .wrongTransport("TLS") }

    private func settle(_ progress: ReadProgress, in buffer: Span<UInt8>) throws(TransportError) -> ReadProgress {
        guard case .bytes(let count) = progress else { return progress }
        let beginsTLS = ClientHello.begins(buffer.extracting(0..<count))
        switch beginsTLS {
        case true?:
            opening = .refused
            let refusal = TLSAlert.unexpectedMessage.record
            // An alert that finds no room in an empty send buffer has no reader either.
            _ = try write(refusal.span)
            throw Self.wrongTransport
        case false?:
            opening = .settled
            return progress
        case nil:
            opening = .held(buffer[0])
            return .waits(for: .readable)
        }
    }
}
