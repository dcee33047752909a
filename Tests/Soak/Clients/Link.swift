import ChatTransport
import EventLoop
import Glibc

/// What a link tells its owner. Called on the event loop's thread.
protocol LinkOwner: AnyObject {
    /// The handshake is done, if there is one.
    func linkOpened()
    func linkReceived(_ bytes: UnsafeRawBufferPointer)
    func linkEnded(_ ending: Ending)
    func linkDeadlinePassed()
}

/// A client's connection, which can do everything that a client had better not do. Confined to its event loop.
final class Link: EventSource {
    enum Reading {
        case everything
        /// So that the server keeps waiting, but more than it demands of a reader.
        case slowly
        case nothing
    }

    private enum Phase {
        case establishing, open, ended
    }

    /// In bytes: how much is read at once.
    private static let share = 64 << 10
    /// By one that reads slowly, and how often.
    private static let slowShare = 16 << 10
    private static let slowReadInterval = Duration.milliseconds(250)

    private(set) var hasReceived = false

    private let loop: EventLoop
    private let buffer: Buffer
    private let token: Token
    private unowned let owner: any LinkOwner
    private var socket: Socket?
    private var transport: (any Transport)?
    private var phase = Phase.establishing
    private var wait = Interest.writable
    private var outgoing: [UInt8] = []
    private var hasToldEnd = true
    private var deadline: Instant?
    private var nextRead: Instant?

    /// For reading, shared by the links of an event loop.
    final class Buffer {
        fileprivate var bytes = [UInt8](repeating: 0, count: Record.maximumSize)
    }

    /// - Parameter security: what TLS is spoken with, if it is.
    init(
        to address: SocketAddress, security: TLSClientContext?, on loop: EventLoop, buffer: Buffer, owner: any LinkOwner
    ) throws {
        // With the usual buffer: were it made smaller now, the server's kernel would send what fits into it, but is less than
        // half of the window that it has seen, every 200 ms only.
        let socket = try Socket.connecting(to: address)
        transport =
            try security.map { try OpenSSLTransport(socket, $0, serverName: "localhost") } ?? TCPTransport(socket)
        self.socket = socket
        self.loop = loop
        self.buffer = buffer
        self.owner = owner
        token = loop.makeToken(descriptor: socket.descriptor)
        try loop.add(self, .writable, token: token)
    }

    var isOpen: Bool { phase == .open }
    var hasEnded: Bool { phase == .ended }
    var hasSentEverything: Bool { outgoing.isEmpty }

    var reading = Reading.everything {
        didSet {
            nextRead = reading == .slowly ? loop.now + Self.slowReadInterval : nil
            perform {}
        }
    }

    func setDeadline(_ deadline: Instant?) {
        self.deadline = deadline
        updateDeadline()
    }

    // MARK: What clients do

    func send(_ bytes: [UInt8]) {
        outgoing += bytes
        perform { flush() }
    }

    /// Sends bytes beneath TLS, if it is spoken: not while others wait.
    func inject(_ bytes: [UInt8]) {
        perform { _ = try socket?.send(bytes.span) }
    }

    /// Tells the server that nothing follows, in the transport's way, behind what waits.
    func finishSending() {
        hasToldEnd = false
        perform { flush() }
    }

    /// Ends the stream without the end that TLS prescribes.
    func cut() {
        perform { try socket?.shutdownSending() }
    }

    /// Is gone without a word.
    func close() {
        guard phase != .ended else { return }
        phase = .ended
        loop.remove(token)
        (socket, transport, outgoing) = (nil, nil, [])
    }

    /// Is gone with a reset: SO_LINGER in socket(7).
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        if let socket {
            setsockopt(
                socket.descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        }
        close()
    }

    // MARK: Events

    func ready(_ interest: Interest) {
        // The poller tells of a hang-up whatever is of interest, and would do so again and again.
        if phase == .open, reading != .everything, outgoing.isEmpty, hasToldEnd { reading = .everything }
        perform {
            if phase == .establishing { try establish() }
            flush()
            if phase == .open, reading == .everything { try read(Self.share) }
        }
    }

    func deadlinePassed() {
        if let nextRead, nextRead <= loop.now {
            self.nextRead = loop.now + Self.slowReadInterval
            perform { if phase == .open { try read(Self.slowShare) } }
        }
        if phase != .ended { updateDeadline() }
        guard let deadline, deadline <= loop.now, phase != .ended else { return }
        setDeadline(nil)
        owner.linkDeadlinePassed()
    }

    private func perform(_ step: () throws -> Void) {
        guard phase != .ended else { return }
        do {
            try step()
            try updateInterest()
        } catch let error as TransportError {
            end(Ending(error))
        } catch let error as SystemCallError {
            end(Ending(.socket(error)))
        } catch {
            end(.failed("\(error)"))
        }
    }

    private func end(_ ending: Ending) {
        close()
        owner.linkEnded(ending)
    }

    private func establish() throws {
        guard let transport else { return }
        switch try transport.establish() {
        case .done:
            phase = .open
            owner.linkOpened()
        case .waits(let interest): wait = interest
        }
    }

    /// What fails here is no end yet: what the server has sent before may still be read.
    private func flush() {
        guard phase == .open, let transport else { return }
        do {
            try flush(over: transport)
        } catch {
            outgoing = []
            hasToldEnd = true
        }
    }

    private func flush(over transport: any Transport) throws(TransportError) {
        if case .waits(let interest) = try transport.flush() {
            wait = interest
            return
        }
        var sent = 0
        defer { outgoing.removeFirst(min(sent, outgoing.count)) }
        while sent < outgoing.count {
            switch try transport.write(outgoing.span.extracting(sent...)) {
            case .bytes(let count): sent += count
            case .unfinished(let count, let interest):
                sent += count
                wait = interest
                return
            case .waits(let interest):
                wait = interest
                return
            }
        }
        guard !hasToldEnd else { return }
        switch try transport.shutDown(closes: false) {
        case .done: hasToldEnd = true
        case .waits(let interest): wait = interest
        }
    }

    /// Reads about so many bytes, in records that may be small.
    private func read(_ share: Int) throws {
        guard let transport else { return }
        var taken = 0
        while phase == .open, taken < share {
            switch try transport.read(into: &buffer.bytes) {
            case .bytes(let count):
                hasReceived = true
                taken += count
                buffer.bytes.withUnsafeBytes { owner.linkReceived(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
            case .waits: return
            case .end: return end(.orderly)
            }
        }
    }

    private func updateInterest() throws(SystemCallError) {
        switch phase {
        case .establishing: try loop.setInterest(wait, of: token)
        case .open:
            var interest: Interest = reading == .everything ? .readable : []
            if !outgoing.isEmpty || !hasToldEnd || (transport?.unfinishedSize ?? 0) > 0 { interest.formUnion(wait) }
            try loop.setInterest(interest, of: token)
        case .ended: break
        }
        updateDeadline()
    }

    private func updateDeadline() {
        guard phase != .ended else { return }
        loop.setDeadline([deadline, nextRead].compactMap { $0 }.min(), of: token)
    }
}

extension Transport {
    fileprivate func read(into buffer: inout [UInt8]) throws(TransportError) -> ReadProgress {
        var span = buffer.mutableSpan
        return try read(into: &span)
    }
}
