public import EventLoop
import FoundationEssentials

/// TLS, by the system's OpenSSL, over TCP.
///
/// At a server's end, a peer that begins with printable text gets a line of text instead of an alert: PROTOCOL.md, "The
/// wrong protocol on a port".
/// OpenSSL writes without MSG_NOSIGNAL: the process must ignore SIGPIPE.
public final class OpenSSLTransport: Transport {
    /// What a peer that speaks text is told, by the first line that it sent.
    public typealias PlaintextAnswer = @Sendable (_ line: Span<UInt8>) -> [UInt8]

    private struct Reception {
        let context: TLSContext
        let plaintextAnswer: PlaintextAnswer
    }

    private enum State {
        case accepted(Reception)
        case unread(Reception)
        /// The peer's first line, as far as it has come.
        case text([UInt8], Reception)
        case handshake(TLSStream)
        case open(TLSStream)
        /// No TLS is spoken any more.
        case failed(TransportError)
        /// The peer was told so as well. What still comes is of no use to anybody.
        case ended
    }

    /// As long as a line of the chat may be: it need not be known any further.
    private static let maximumLineLength = 4_096

    private let socket: Socket
    private var state: State
    /// Nothing can be sent any more. What was received before may still be read.
    private var writeError: TransportError?

    /// A server's end of a stream over a connected socket.
    public init(_ socket: Socket, _ context: TLSContext, plaintextAnswer: @escaping PlaintextAnswer) {
        self.socket = socket
        state = .accepted(Reception(context: context, plaintextAnswer: plaintextAnswer))
    }

    /// A client's end of a stream over a socket that is connected or about to be. `serverName` is what the server's
    /// certificate must be for: a name or a numeric address.
    public init(
        _ socket: Socket, _ context: TLSClientContext, serverName: String, resuming session: TLSSession? = nil
    ) throws(OpenSSLError) {
        self.socket = socket
        state = .handshake(
            try TLSStream(context, descriptor: socket.descriptor, serverName: serverName, resuming: session))
    }

    public func establish() throws(TransportError) -> Completion {
        do throws(TransportError) {
            while true {
                switch state {
                case .accepted(let reception):
                    // Also where something has come: what it takes is for a turn of the loop that has time for it.
                    state = .unread(reception)
                    return .waits(for: .readable)
                case .unread(let reception):
                    guard let opening = try opening(reception) else { return .waits(for: .readable) }
                    state = opening
                case .text(let line, let reception):
                    guard let whole = try firstLine(from: line, reception) else { return .waits(for: .readable) }
                    try answer(reception.plaintextAnswer(whole.span))
                case .handshake(let stream):
                    if let wait = try stream.handshake() { return .waits(for: wait) }
                    state = .open(stream)
                case .failed(let error): throw error
                case .open, .ended: return .done
                }
            }
        } catch {
            state = .failed(error)
            throw error
        }
    }

    public func refuse() {
        // What finds no room in an empty send buffer has no reader either.
        _ = try? socket.send(TLSAlert.accessDenied.record.span)
        state = .ended
    }

    public var peerNames: [String]? {
        guard case .open(let stream) = state, let certificate = stream.peerCertificate else { return nil }
        // A session may be resumed longer than its certificate is valid.
        return .now < certificate.expiry ? certificate.names : []
    }

    /// What another connection to the same server can resume, or `nil` where the server has not sent it yet. TLS 1.3
    /// sends it behind the handshake: read first.
    public var resumableSession: TLSSession? {
        guard case .open(let stream) = state else { return nil }
        return stream.resumableSession
    }

    /// Whether the handshake has resumed a session.
    public var isResumed: Bool {
        guard case .open(let stream) = state else { return false }
        return stream.isResumed
    }

    public func read(into buffer: inout MutableSpan<UInt8>) throws(TransportError) -> ReadProgress {
        switch state {
        case .open(let stream):
            precondition(buffer.count >= Record.maximumSize, "What is left of a record would wait unseen")
            do {
                return try stream.read(into: &buffer)
            } catch {
                state = .failed(error)
                throw error
            }
        case .accepted, .unread, .text, .handshake: return .waits(for: .readable)
        case .failed(let error): throw error
        case .ended: return try socket.read(into: &buffer)
        }
    }

    public var readsByRecord: Bool { true }

    public func write(_ bytes: Span<UInt8>) throws(TransportError) -> WriteProgress {
        if let writeError { throw writeError }
        switch state {
        case .open(let stream):
            do {
                return try stream.write(bytes)
            } catch {
                writeError = error
                throw error
            }
        case .accepted, .unread, .text, .handshake: return .waits(for: .writable)
        case .failed(let error): throw error
        case .ended: throw .truncated
        }
    }

    public var unfinishedSize: Int {
        guard case .open(let stream) = state, writeError == nil else { return 0 }
        return stream.unfinishedSize
    }

    public func flush() throws(TransportError) -> Completion {
        guard case .open(let stream) = state, writeError == nil else { return .done }
        do {
            return try stream.flush().map { .waits(for: $0) } ?? .done
        } catch {
            writeError = error
            throw error
        }
    }

    public var acknowledgement: Acknowledgement? { socket.acknowledgement }

    public var unacknowledgedCount: Int { socket.unacknowledgedCount }

    public func shutDown(closes: Bool) throws(TransportError) -> Completion {
        if case .open(let stream) = state, writeError == nil {
            if let interest = try stream.flush() { return .waits(for: interest) }
            if case .waits(let interest) = try stream.shutDown() { return .waits(for: interest) }
        } else {
            state = .ended
        }
        return try socket.shutDown(closes: closes)
    }

    private func answer(_ answer: [UInt8]) throws(TransportError) {
        // What finds no room in an empty send buffer has no reader either.
        _ = try socket.write(answer.span)
        throw .wrongTransport("plain text")
    }

    /// What to go on with, by the first byte: TLS begins with a byte that is no text. `nil` where it has not come yet.
    private func opening(_ reception: Reception) throws(TransportError) -> State? {
        var buffer: [UInt8] = [0]
        var span = buffer.mutableSpan
        let count: Int?
        do {
            count = try socket.peek(into: &span)
        } catch {
            throw .socket(error)
        }
        guard let count else { return nil }
        guard count > 0 else { throw .truncated }
        if Self.isText(buffer[0]) { return .text([], reception) }
        do {
            return .handshake(try TLSStream(reception.context, descriptor: socket.descriptor))
        } catch {
            throw .tls(error)
        }
    }

    private static func isText(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " ")...UInt8(ascii: "~"), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): true
        default: false
        }
    }

    /// Receives more of a line, as far as it has come. Returns it without its LF when it is complete.
    private func firstLine(
        from line: [UInt8], _ reception: Reception
    ) throws(TransportError) -> [UInt8]? {
        var line = line
        var buffer = [UInt8](repeating: 0, count: Self.maximumLineLength)
        while true {
            var span = buffer.mutableSpan
            switch try socket.read(into: &span) {
            case .waits:
                state = .text(line, reception)
                return nil
            case .end: return line
            case .bytes(let count):
                line += buffer.prefix(count)
                if let end = line.firstIndex(of: UInt8(ascii: "\n")) {
                    let hasCR = line[..<end].last == UInt8(ascii: "\r")
                    return Array(line[..<(hasCR ? end - 1 : end)])
                }
                if line.count >= Self.maximumLineLength { return line }
            }
        }
    }
}
