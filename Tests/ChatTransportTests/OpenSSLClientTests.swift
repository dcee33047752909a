import ChatTransport
import EventLoop
import Glibc
import TestSupport
import Testing

@Suite("The client's end of TLS, with ours at the other end")
struct OpenSSLClientTests {
    /// A server's context and whom its clients trust.
    private struct Setup {
        let server: ReloadableTLSContext
        let client: TLSClientContext

        init(
            _ authority: TestAuthority, _ names: TestAuthority.Names = .localhost, trusting other: TestAuthority? = nil
        )
            throws
        {
            // OpenSSL writes without MSG_NOSIGNAL.
            signal(SIGPIPE, SIG_IGN)
            server = try ReloadableTLSContext(.init(authority.issue(names)), policy: TLSPolicy())
            let trusted = Array((other ?? authority).certificate.utf8)
            client = try TLSClientContext(trusting: .init(path: "ca.pem", bytes: trusted))
        }

        /// Both ends of a connection, after the handshake.
        func connect(
            to serverName: String = "localhost", resuming session: TLSSession? = nil
        ) throws -> (server: OpenSSLTransport, client: OpenSSLTransport) {
            let (near, far) = try Socket.pair()
            let server = OpenSSLTransport(near, server.current) { _ in [] }
            let client = try OpenSSLTransport(far, client, serverName: serverName, resuming: session)
            var done = (server: false, client: false)
            while !done.server || !done.client {
                if !done.client { done.client = try client.establish() == .done }
                if !done.server { done.server = try server.establish() == .done }
            }
            return (server, client)
        }
    }

    private static func read(_ transport: OpenSSLTransport) throws -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: Record.maximumSize)
        // The first record that a client gets may hold the session ticket only.
        for _ in 0..<2 {
            var span = buffer.mutableSpan
            if case .bytes(let count) = try transport.read(into: &span) { return Array(buffer.prefix(count)) }
        }
        return nil
    }

    @Test("Both ends are heard, and each sees the other's end")
    func talk() throws {
        let (server, client) = try Setup(TestAuthority()).connect()
        _ = try client.write(Array("LOGIN alice\n".utf8).span)
        #expect(try Self.read(server) == Array("LOGIN alice\n".utf8))
        _ = try server.write(Array("OK\n".utf8).span)
        #expect(try Self.read(client) == Array("OK\n".utf8))
        #expect(try client.shutDown(closes: false) == .done)
        var buffer = [UInt8](repeating: 0, count: Record.maximumSize)
        var span = buffer.mutableSpan
        #expect(try server.read(into: &span) == .end)
    }

    @Test(
        "A server by its name or its address",
        arguments: ["localhost", "127.0.0.1", "::1"])
    func named(name: String) throws {
        _ = try Setup(TestAuthority()).connect(to: name)
    }

    @Test("A certificate for another is refused", arguments: ["chat.example", "127.0.0.2"])
    func otherName(name: String) throws {
        let setup = try Setup(TestAuthority())
        let error = #expect(throws: TransportError.self) { _ = try setup.connect(to: name) }
        #expect(error.map { "\($0)".contains("mismatch") } == true, "\(String(describing: error))")
    }

    @Test("A certificate of an unknown authority is refused")
    func unknownAuthority() throws {
        let setup = try Setup(TestAuthority(), trusting: TestAuthority(name: "Another"))
        #expect(throws: TransportError.self) { _ = try setup.connect() }
    }

    @Test("A session is resumed, once the server has sent its ticket")
    func resumption() throws {
        let setup = try Setup(TestAuthority())
        let (server, client) = try setup.connect()
        #expect(!client.isResumed)
        _ = try server.write(Array("OK\n".utf8).span)
        _ = try Self.read(client)
        let session = try #require(client.resumableSession)
        #expect(try setup.connect(resuming: session).client.isResumed)
    }

    @Test("A file that holds no certificate is an error that names it")
    func noAuthority() {
        let error = #expect(throws: TLSContextError.self) {
            _ = try TLSClientContext(trusting: .init(path: "ca.pem", bytes: Array("hello".utf8)))
        }
        #expect(error.map { "\($0)".contains("ca.pem") } == true)
    }
}
