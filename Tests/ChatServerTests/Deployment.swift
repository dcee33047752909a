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

    static let tls = all.filter { $0.transport == .tls }

    var testDescription: String { "\(transport), \(poller)" }
}

/// A server that runs in this process.
struct RunningServer {
    let server: ChatServer
    /// That of the deployment's listener.
    let port: UInt16
    /// How clients speak TLS with it, where that is its transport.
    let tls: TLSClientOptions?
    private let running: Task<Void, any Error>

    fileprivate init(_ server: ChatServer, _ tls: TLSClientOptions?) throws {
        self.server = server
        port = try #require(server.listeners.first).port
        self.tls = tls
        running = Task { try await server.run() }
    }

    /// - Parameter receiveBuffer: the size of the kernel's buffer in bytes, for a client that is slow to read.
    func connect(receiveBuffer: CInt? = nil) throws -> TestClient {
        try TestClient(port: port, receiveBuffer: receiveBuffer, tls: tls)
    }

    /// A client with its own way to speak TLS, or one that does not.
    func connect(tls: TLSClientOptions?) throws -> TestClient {
        try TestClient(port: port, tls: tls)
    }

    /// What a client with its own way to speak TLS learns in its handshake, which it does not leave before.
    func handshake(tls options: TLSClientOptions?) async throws -> TLSTunnel.Handshake? {
        let client = try connect(tls: options)
        defer { withExtendedLifetime(client) {} }
        return await client.tunnel?.handshake()
    }

    /// A user who is logged in and has been told so.
    func login(_ name: String) async throws -> TestClient {
        try await login(name, over: connect())
    }

    /// A user with its own way to speak TLS, who is logged in and has been told so.
    func login(_ name: String, tls: TLSClientOptions) async throws -> TestClient {
        try await login(name, over: connect(tls: tls))
    }

    private func login(_ name: String, over client: TestClient) async throws -> TestClient {
        client.say("LOGIN \(name)")
        let reply = await client.line()
        try #require(reply == "OK")
        return client
    }

    /// A user who reads nothing for now: the reader of a TestClient starts with the first line that is asked for.
    func joinUnread(_ name: String) throws -> TestClient {
        let client = try connect(receiveBuffer: 4_096)
        client.say("LOGIN \(name)")
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
    _ deployment: Deployment, tls setup: TLSSetup? = nil, _ adjust: (inout ServerConfiguration) -> Void = { _ in },
    _ body: (RunningServer) async throws -> Void
) async throws {
    var configuration = ServerConfiguration()
    let setup = try deployment.transport == .tls ? setup ?? TLSSetup() : nil
    configuration.tls = setup?.configuration
    configuration.listeners = [ListenerURL(deployment.transport, host: "127.0.0.1", port: 0)]
    configuration.poller = deployment.poller
    configuration.eventLoops = 2
    adjust(&configuration)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = try RunningServer(ChatServer(configuration, logger: logger), setup?.client)
    do {
        try await body(server)
    } catch {
        server.shutDown()
        throw error
    }
    server.shutDown()
    try await server.ended()
}
