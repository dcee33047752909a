import ChatTransport
import EventLoop
import FuzzSupport
import TestSupport

/// A client that has shaken hands as it should, and then says anything at all.
final class Peer {
    /// How many kinds of things it says.
    static let kinds: UInt8 = 7

    // Unsafe on more than one thread: libFuzzer has one, on which an input follows another.
    nonisolated(unsafe) private static let context = {
        var options = TLSClientOptions(authority: TLSServer.shared.authority)
        options.minimumVersion = .tls13
        options.cipherSuites = RecordForger.cipherSuite
        return succeed { try ClientContext(options) }
    }()

    private let far: Socket
    private let connection: ClientConnection
    private let forger: RecordForger
    private var server: End
    private var expectation = Expectation()
    private var serverSaid: [UInt8] = []

    init() {
        let (near, far) = succeed { try Socket.pair() }
        self.far = far
        server = End(OpenSSLTransport(near, TLSServer.shared.context) { _ in [] }, over: near)
        connection = succeed { try ClientConnection(Self.context, over: far.descriptor) }
        while case .waits = connection.handshake() { server.takeIn() }
        server.takeIn()
        require(server.isEstablished, "They shake hands")
        forger = succeed { [connection] in try RecordForger(connection) }
    }

    /// Takes what it needs of the input. Where it is cut, the server reads each chunk as it comes.
    func say(_ kind: UInt8, _ input: inout Input, cut: Cut?) {
        switch kind % Self.kinds {
        case 0: break
        case 1: send(inner: input.bytes(Int(input.byte())) + [RecordForger.ContentType.applicationData], cut)
        case 2: send(inner: input.bytes(Int(input.byte())), cut)
        case 3:
            let requested = input.byte() & 1 == 1
            send(inner: RecordForger.keyUpdate(requested: requested) + [RecordForger.ContentType.handshake], cut)
        case 4:
            // About the most that a record holds.
            let text = [UInt8](repeating: 0x78, count: Record.maximumSize - 128 + Int(input.byte()))
            sendAlone(inner: text + [RecordForger.ContentType.applicationData])
        case 5:
            var record = succeed { try forger.record([0x78]) }
            record[Int(input.byte()) % record.count] ^= max(input.byte(), 1)
            sendRaw(record, cut)
        default: sendRaw(input.bytes(Int(input.byte())), cut)
        }
    }

    private func send(inner: [UInt8], _ cut: Cut?) {
        send(succeed { try forger.record(inner: inner) }, cut)
        if Self.isKeyUpdate(inner) {
            expectation.expectKeyUpdate()
            succeed { try forger.updateKeys() }
        } else {
            expectation.expect(inner: inner)
        }
    }

    /// More than one of them might find no room.
    private func sendAlone(inner: [UInt8]) {
        guard !server.isOver else { return }
        letServerTakeIn()
        far.say(succeed { try forger.record(inner: inner) })
        expectation.expect(inner: inner)
        server.takeIn()
    }

    private func sendRaw(_ bytes: [UInt8], _ cut: Cut?) {
        send(bytes, cut)
        if !bytes.isEmpty { expectation.expectRefusal() }
    }

    private func send(_ bytes: [UInt8], _ cut: Cut?) {
        guard let cut else { return far.say(bytes) }
        // A header in chunks is enough of them, each of which is a few calls of the kernel.
        for chunk in cut.chunks(of: bytes, upTo: 16) where !server.isOver {
            far.say(chunk)
            server.takeIn()
        }
    }

    private static func isKeyUpdate(_ inner: [UInt8]) -> Bool {
        let record = inner.prefix(1 + (inner.lastIndex { $0 != 0 } ?? -1))
        return [false, true].contains {
            record == RecordForger.keyUpdate(requested: $0) + [RecordForger.ContentType.handshake]
        }
    }

    private func letServerTakeIn() {
        server.takeIn()
        require(expectation.text.starts(with: server.heard), "What is heard was said")
        if expectation.fate == .open { check() }
    }

    func letServerSay(_ text: [UInt8]) {
        guard !text.isEmpty else { return }
        letServerTakeIn()
        let progress = try? server.transport.write(text.span)
        if case .bytes(let count) = progress { serverSaid += text.prefix(count) }
        if expectation.fate != .refused { require(progress == .bytes(text.count), "The server can answer") }
    }

    /// Its direction ends.
    func finish() {
        succeed { try far.shutdownSending() }
        server.takeIn()
        check()
        switch expectation.fate {
        case .open: require(server.failure == .truncated, "An end without close_notify is a cut")
        case .ended: require(server.hasHeardEnd, "The end is heard")
        case .refused:
            switch server.failure {
            case .tls, .truncated: break
            default: require(false, "What no peer may send fails: \(String(describing: server.failure))")
            }
        }
        require(hear() == serverSaid, "What the server said arrives")
        server.closeInOrder()
    }

    private func check() {
        require(server.heard == expectation.text, "Everything is heard that was said before the first refusal")
        require(!server.hasHeardEnd || expectation.fate == .ended, "Nobody but the peer can end what it says")
    }

    private func hear() -> [UInt8] {
        var heard: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: Record.maximumSize)
        while case .bytes(let count) = buffer.withUnsafeMutableBytes({ connection.read(into: $0) }) {
            heard += buffer.prefix(count)
        }
        return heard
    }
}
