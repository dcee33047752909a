import ChatTransport
import EventLoop

/// What a client tells whoever has sent it. Called on the event loop's thread.
protocol ClientDelegate: AnyObject {
    /// It is in the room.
    func clientEntered(_ client: Client)
    /// It got whole lines.
    func client(_ client: Client, received lines: UnsafeRawBufferPointer)
    /// It is gone: with an error, or because it left.
    func clientEnded(_ client: Client, _ error: (any Error)?)
}

/// One connection of the load. Confined to its event loop.
final class Client: EventSource {
    private enum Phase {
        /// Waits for the server's first line, which comes in the clear.
        case awaitingText
        case establishing
        case entering
        case entered
        /// Tells the server that nothing follows.
        case leaving
        /// Waits for the server to close.
        case left
        case ended
    }

    /// For reading, shared by the clients of an event loop.
    final class Buffer {
        fileprivate var bytes = [UInt8](repeating: 0, count: 64 << 10)
    }

    /// From 0 on.
    let number: Int

    private let name: String
    private let route: Route
    private let dialect: any Dialect
    private let socket: Socket
    private let loop: EventLoop
    private let token: Token
    private let buffer: Buffer
    private unowned let delegate: any ClientDelegate
    private var phase: Phase
    private var transport: any Transport
    private let session: TLSSession?
    private var wait = Interest.writable
    private var outgoing: [UInt8] = []
    /// A line that has come in part.
    private var remainder: [UInt8] = []

    init(
        _ number: Int, name: String, to route: Route, speaking dialect: any Dialect,
        resuming session: TLSSession? = nil,
        on loop: EventLoop, buffer: Buffer, delegate: any ClientDelegate
    ) throws {
        self.number = number
        self.name = name
        self.route = route
        self.dialect = dialect
        self.session = session
        self.loop = loop
        self.buffer = buffer
        self.delegate = delegate
        socket = try route.connect(number)
        phase = dialect.startsTLSLater && route.security != nil ? .awaitingText : .establishing
        transport = PlainTransport(socket)
        token = loop.makeToken(descriptor: socket.descriptor)
        if phase == .establishing { try secure() }
        try loop.add(self, phase == .awaitingText ? .readable : .writable, token: token)
    }

    /// What another client can resume, if any.
    var resumableSession: TLSSession? { (transport as? OpenSSLTransport)?.resumableSession }

    /// How many of the server's writes have come.
    var receivedSegments: Int { chat_bench.receivedSegments(of: socket.descriptor) }

    /// Whether it was given a session.
    var wasToResume: Bool { session != nil }

    var isResumed: Bool { (transport as? OpenSSLTransport)?.isResumed ?? false }

    /// Sends whole lines, behind those that wait.
    func send(_ lines: [UInt8]) {
        outgoing += lines
        perform { try flush() }
    }

    /// Tells the server that nothing follows, and waits until the server has closed.
    func leave() {
        phase = .leaving
        perform { try shutDown() }
    }

    /// Is gone without a word.
    func close() {
        guard phase != .ended else { return }
        phase = .ended
        loop.remove(token)
    }

    func ready(_ interest: Interest) {
        perform {
            switch phase {
            case .awaitingText: try readText()
            case .establishing: try establish()
            case .entering, .entered:
                try flush()
                try read()
            case .leaving: try shutDown()
            case .left: try read()
            case .ended: break
            }
        }
    }

    func deadlinePassed() {}

    private func perform(_ step: () throws -> Void) {
        do {
            try step()
            try updateInterest()
        } catch {
            end(error)
        }
    }

    private func end(_ error: (any Error)?) {
        close()
        delegate.clientEnded(self, error)
    }

    private func secure() throws {
        guard let security = route.security else { return }
        transport = try OpenSSLTransport(socket, security, serverName: route.target.host, resuming: session)
    }

    private func readText() throws {
        var hasCome = false
        guard try transport.read(into: &buffer.bytes, { _ in hasCome = true }) else { throw ServerHasClosed() }
        guard hasCome else { return }
        try secure()
        phase = .establishing
        try establish()
    }

    private func establish() throws {
        guard case .done = try transport.establish().noting(&wait) else { return }
        phase = .entering
        let opening = dialect.opening(of: name)
        if opening.isEmpty { enter() } else { send(opening) }
    }

    private func enter() {
        phase = .entered
        delegate.clientEntered(self)
    }

    private func flush() throws {
        if case .waits(let interest) = try transport.flush() {
            wait = interest
            return
        }
        var lines: [UInt8] = []
        swap(&lines, &outgoing)
        defer { outgoing = lines }
        while !lines.isEmpty {
            let part = route.security == nil ? lines.count : min(lines.count, dialect.longestRecord)
            switch try transport.write(lines.span.extracting(..<part)) {
            case .bytes(let count): lines.removeFirst(count)
            case .unfinished(let count, let interest):
                lines.removeFirst(count)
                wait = interest
                return
            case .waits(let interest):
                wait = interest
                return
            }
        }
    }

    private func shutDown() throws {
        if case .done = try transport.shutDown(closes: false).noting(&wait) { phase = .left }
    }

    private func read() throws {
        let goesOn = try transport.read(into: &buffer.bytes) { bytes in
            guard !remainder.isEmpty else {
                remainder = Array(take(bytes))
                return
            }
            remainder += bytes
            var lines: [UInt8] = []
            swap(&lines, &remainder)
            remainder = lines.withUnsafeBytes { Array(take($0)) }
        }
        if !goesOn { end(phase == .left ? nil : ServerHasClosed()) }
    }

    /// Takes the whole lines, and returns what is left.
    private func take(_ bytes: UnsafeRawBufferPointer) -> Slice<UnsafeRawBufferPointer> {
        var rest = bytes[...]
        while phase == .entering, let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            enter(by: String(decoding: rest[..<end], as: UTF8.self))
            rest = rest[(end + 1)...]
        }
        guard phase == .entered, let end = rest.lastIndex(of: UInt8(ascii: "\n")) else {
            return phase == .left ? rest.suffix(0) : rest
        }
        delegate.client(self, received: UnsafeRawBufferPointer(rebasing: rest[...end]))
        return rest[(end + 1)...]
    }

    private func enter(by line: String) {
        let line = line.hasSuffix("\r") ? String(line.dropLast()) : line
        switch dialect.step(for: line) {
        case .wait: break
        case .send(let bytes): send(bytes)
        case .entered: enter()
        case .refused: end(Refused(line: line))
        }
    }

    private func updateInterest() throws(SystemCallError) {
        switch phase {
        case .establishing, .leaving: try loop.setInterest(wait, of: token)
        case .awaitingText, .left: try loop.setInterest(.readable, of: token)
        case .entering, .entered:
            let isSending = !outgoing.isEmpty || transport.unfinishedSize > 0
            try loop.setInterest(isSending ? wait.union(.readable) : .readable, of: token)
        case .ended: break
        }
    }
}

/// The server has ended a connection that was to go on.
struct ServerHasClosed: Error, CustomStringConvertible {
    var description: String { "the server has closed a connection" }
}

/// The server does not let a client in.
struct Refused: Error, CustomStringConvertible {
    let line: String

    var description: String { "the server has refused a client: \(line)" }
}

extension Completion {
    fileprivate func noting(_ wait: inout Interest) -> Self {
        if case .waits(let interest) = self { wait = interest }
        return self
    }
}

extension Transport {
    /// Reads once, and returns whether there may be more to come.
    fileprivate func read(into buffer: inout [UInt8], _ body: (UnsafeRawBufferPointer) -> Void) throws -> Bool {
        var span = buffer.mutableSpan
        switch try read(into: &span) {
        case .bytes(let count):
            buffer.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
            return true
        case .waits: return true
        case .end: return false
        }
    }
}
