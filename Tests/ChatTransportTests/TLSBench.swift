import ChatTransport
import EventLoop
import Glibc
import TestSupport
import Testing

/// Our end of a TLS connection and OpenSSL's own client, with a relay between them.
final class TLSBench {
    private enum Phase {
        case establishing, open, ended
    }

    let transport: OpenSSLTransport
    private let context: TLSContext
    let client: ClientConnection
    let relay: Relay
    /// What each end still has to say, and what it has heard.
    var (serverSays, clientSays): ([UInt8], [UInt8]) = ([], [])
    private(set) var (serverHeard, clientHeard): ([UInt8], [UInt8]) = ([], [])
    /// Whether each end is to say that nothing follows, behind what it says.
    var (serverEnds, clientEnds) = (false, false)
    /// How the client's stream ended for the server, and the server's for the client.
    private(set) var serverSawEnd = false
    private(set) var clientEnding: TLSTunnel.Ending?
    private(set) var isEstablished = false
    private(set) var clientIsEstablished = false
    /// How much the largest of the server's reads has brought.
    private(set) var largestRead = 0

    private let (serverSocket, clientSocket): (Socket, Socket)
    private var (stateWait, readWait, writeWait) = (Interest.readable, Interest.readable, Interest.writable)
    private var shutdownWait = Interest.writable
    private var (serverHasEnded, clientHasEnded) = (false, false)

    init(
        _ leaf: TestAuthority.Leaf? = nil, chunk: Int = 64 << 10, sendBuffer: CInt? = nil,
        random: SeededGenerator? = nil, adjust: (inout TLSClientOptions) -> Void = { _ in }
    ) throws {
        // OpenSSL writes without MSG_NOSIGNAL.
        signal(SIGPIPE, SIG_IGN)
        let authority = try TestAuthority()
        context = try ReloadableTLSContext(.init(leaf ?? authority.issue()), policy: TLSPolicy()).current
        var options = TLSClientOptions(authority: authority.certificate)
        adjust(&options)
        let (near, far) = (try Socket.pair(), try Socket.pair())
        if let sendBuffer { try near.0.setSendBufferSize(sendBuffer) }
        (serverSocket, clientSocket) = (near.0, far.0)
        relay = Relay(server: near.1, client: far.1, chunk: chunk, random: random)
        transport = OpenSSLTransport(serverSocket, context) { _ in [] }
        client = try ClientConnection(options, over: clientSocket.descriptor)
    }

    /// Another end of ours, without the relay and the client.
    func transport(
        over socket: Socket, plaintextAnswer: @escaping OpenSSLTransport.PlaintextAnswer = { _ in [] }
    ) -> OpenSSLTransport {
        OpenSSLTransport(socket, context, plaintextAnswer: plaintextAnswer)
    }

    /// Has both ends do what they can until `condition` holds. Throws what the server's transport throws.
    func run(until condition: (TLSBench) -> Bool) throws {
        var steps = 0
        while !condition(self) {
            steps += 1
            try #require(steps < 3_000_000, "Nothing happens any more")
            try stepServer()
            try relay.step()
            stepClient()
        }
    }

    func establish() throws {
        try run { $0.isEstablished && $0.clientIsEstablished }
    }

    /// Writes a text until a record is sent in part, without the client's reading. Returns how much of it was accepted.
    func fill(from text: [UInt8]) throws -> Int {
        var written = 0
        while true {
            switch try transport.write(text.span.extracting(written...)) {
            case .bytes(let count): written += count
            case .unfinished(let count, let interest):
                writeWait = interest
                return written + count
            case .waits: return written
            }
        }
    }

    private func stepServer() throws {
        guard isEstablished else {
            guard isReady(stateWait) else { return }
            switch try transport.establish() {
            case .done: isEstablished = true
            case .waits(let interest): stateWait = interest
            }
            return
        }
        if !serverSawEnd, isReady(readWait) { try read() }
        if transport.unfinishedSize > 0 {
            guard isReady(writeWait) else { return }
            if case .waits(let interest) = try transport.flush() { writeWait = interest }
        } else if !serverSays.isEmpty, isReady(writeWait) {
            let text = serverSays
            switch try transport.write(text.span) {
            case .bytes(let count):
                serverSays.removeFirst(count)
                writeWait = .writable
            case .unfinished(let count, let interest):
                serverSays.removeFirst(count)
                writeWait = interest
            case .waits(let interest): writeWait = interest
            }
        } else if serverSays.isEmpty, serverEnds, !serverHasEnded, isReady(shutdownWait) {
            switch try transport.shutDown(closes: false) {
            case .done: serverHasEnded = true
            case .waits(let interest): shutdownWait = interest
            }
        }
    }

    private func read() throws {
        var buffer = [UInt8](repeating: 0, count: Record.maximumSize)
        var span = buffer.mutableSpan
        switch try transport.read(into: &span) {
        case .bytes(let count):
            serverHeard += buffer.prefix(count)
            largestRead = max(largestRead, count)
            readWait = .readable
        case .waits(let interest): readWait = interest
        case .end: serverSawEnd = true
        }
    }

    private func stepClient() {
        guard clientIsEstablished else {
            switch client.handshake() {
            case .bytes: clientIsEstablished = true
            case .waits: break
            case .ended: clientEnding = .closeNotify
            case .failed(let ending): clientEnding = ending
            }
            return
        }
        if clientEnding == nil { readClient() }
        // What it has to say, it says behind the server's end too.
        guard clientEnding == nil || clientEnding == .closeNotify else { return }
        if !clientSays.isEmpty {
            if case .bytes(let count) = clientSays.withUnsafeBytes({ client.write($0) }) {
                clientSays.removeFirst(count)
            }
        } else if clientEnds, !clientHasEnded {
            if case .bytes = client.sendCloseNotify() { clientHasEnded = true }
        }
    }

    private func readClient() {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        switch buffer.withUnsafeMutableBytes({ client.read(into: $0) }) {
        case .bytes(let count): clientHeard += buffer.prefix(count)
        case .waits: break
        case .ended: clientEnding = .closeNotify
        case .failed(let ending): clientEnding = ending
        }
    }

    /// As a poller would say: what waits for something else is not called.
    private func isReady(_ interest: Interest) -> Bool {
        let events = (interest.contains(.readable) ? POLLIN : 0) | (interest.contains(.writable) ? Int32(POLLOUT) : 0)
        var descriptor = pollfd(fd: serverSocket.descriptor, events: CShort(events), revents: 0)
        return poll(&descriptor, 1, 0) > 0
    }
}
