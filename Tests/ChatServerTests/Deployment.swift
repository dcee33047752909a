import ChatServer
import EventLoop
import Logging
import TestSupport
import Testing

/// A way to run the server in which every scenario must look the same to its users.
struct Deployment: CustomTestStringConvertible, Sendable {
    let transport: TransportKind
    let poller: PollerKind

    static let all = TransportKind.allCases.flatMap { transport in
        PollerKind.allCases.map { Deployment(transport: transport, poller: $0) }
    }

    var testDescription: String { "\(transport), \(poller)" }
}

/// A server that runs in this process.
struct RunningServer {
    let port: UInt16
    /// How clients speak TLS with it, where that is its transport.
    let tls: TLSClientOptions?
    let server: ChatServer
    private let running: Task<Void, any Error>

    fileprivate init(_ server: ChatServer, _ tls: TLSClientOptions?) throws {
        port = try #require(server.listeners.first).port
        self.tls = tls
        self.server = server
        running = Task { try await server.run() }
    }

    /// - Parameter receiveBuffer: the size of the kernel's buffer in bytes, for a client that is slow to read.
    func connect(receiveBuffer: CInt? = nil) throws -> TestClient {
        try TestClient(port: port, receiveBuffer: receiveBuffer, tls: tls)
    }

    /// A user who is logged in and has been told so.
    func login(_ name: String) async throws -> TestClient {
        let client = try connect()
        client.say("LOGIN \(name)")
        let reply = await client.line()
        try #require(reply == "OK")
        return client
    }

    func shutDown() {
        running.cancel()
    }

    func ended() async throws {
        try await running.value
    }
}

/// Runs a server for a test, on two event loops, and sees it end.
func withServer(
    _ deployment: Deployment, _ adjust: (inout ServerConfiguration) -> Void = { _ in },
    _ body: (RunningServer) async throws -> Void
) async throws {
    var configuration = ServerConfiguration()
    var (tls, files): (TLSClientOptions?, TLSFiles?)
    if deployment.transport == .tls {
        let authority = try TestAuthority()
        let server = try TLSFiles(authority.issue())
        configuration.tls = TLSConfiguration(pairs: [server.pair])
        (tls, files) = (TLSClientOptions(authority: authority.certificate), server)
    }
    configuration.listeners = [ListenerURL(deployment.transport, host: "127.0.0.1", port: 0)]
    configuration.poller = deployment.poller
    configuration.eventLoops = 2
    adjust(&configuration)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = try RunningServer(ChatServer(configuration, logger: logger), tls)
    // Read before the server listens, and again as long as it runs.
    defer { withExtendedLifetime(files) {} }
    do {
        try await body(server)
    } catch {
        server.shutDown()
        throw error
    }
    server.shutDown()
    try await server.ended()
}
