import Foundation
import TestSupport
import Testing

@Suite("The benchmark, run against the server")
struct BenchTests {
    private static let executable = ServerProcess.executable.deletingLastPathComponent()
        .appendingPathComponent("chat-bench")

    private struct Fanout: Decodable {
        struct Server: Decodable {
            let cpuMicrosecondsPerDelivery: Double
            let residentBytes: Int
        }

        struct Floor: Decodable {
            let deliveries: Int
            let lost: Int
        }

        let lines: Int
        let deliveries: Int
        let lost: Int
        let duplicated: Int
        let misordered: Int
        let unexpected: Int
        let server: Server
        let floor: Floor?
    }

    private struct Idle: Decodable {
        struct Server: Decodable {
            let residentBytes: Int
        }

        struct Floor: Decodable {
            let connections: Int
        }

        let connections: Int
        let server: Server
        let floor: Floor?
    }

    private let certificates: DevelopmentCertificates
    private let server: ServerProcess
    private let ports: (plain: UInt16, tls: UInt16)

    init() async throws {
        certificates = try DevelopmentCertificates()
        #expect(try await certificates.make().exitStatus() == 0)
        server = try ServerProcess(
            ["--listen", "plain://127.0.0.1:0", "--listen", "tls://127.0.0.1:0"] + certificates.serverArguments)
        ports = (try await server.port(), try await server.port())
    }

    @Test("Every line reaches everybody once, in one order, and the floor is measured beside it", arguments: [1, 16])
    func fanoutPlain(inFlight: Int) async throws {
        try await fanout("plain://127.0.0.1:\(ports.plain)", inFlight: inFlight)
    }

    @Test("So over TLS", arguments: [1, 16])
    func fanoutTLS(inFlight: Int) async throws {
        try await fanout("tls://localhost:\(ports.tls)", inFlight: inFlight)
    }

    private func fanout(_ url: String, inFlight: Int) async throws {
        let output = try await bench(
            "fanout", url, "--receivers", "20", "--senders", "4", "--in-flight", "\(inFlight)", "--lines", "400",
            "--json")
        let figures = try JSONDecoder().decode(Fanout.self, from: Data(output.utf8))
        #expect(figures.lines >= 400)
        #expect(figures.deliveries >= 400 * 20)
        #expect((figures.lost, figures.duplicated, figures.misordered, figures.unexpected) == (0, 0, 0, 0))
        #expect(figures.server.residentBytes > 0)
        #expect(figures.floor.map { $0.deliveries >= 400 * 20 && $0.lost == 0 } == true)
    }

    @Test("A fixed rate is kept")
    func paced() async throws {
        let output = try await bench(
            "paced", "plain://127.0.0.1:\(ports.plain)", "--receivers", "10", "--rate", "500", "--seconds", "0.4",
            "--no-floor", "--json")
        let figures = try JSONDecoder().decode(Fanout.self, from: Data(output.utf8))
        #expect(figures.lines > 0)
        #expect((figures.lost, figures.misordered) == (0, 0))
    }

    @Test("Connections come and go", arguments: ["plain", "full", "resumed"])
    func connect(kind: String) async throws {
        let url = kind == "plain" ? "plain://127.0.0.1:\(ports.plain)" : "tls://localhost:\(ports.tls)"
        let table = try await bench("connect", url, "--kind", kind, "--seconds", "0.2")
        #expect(table.contains("connections: \(kind)"))
        #expect(table.firstMatch(of: /failed +0 +0/) != nil, "\(table)")
    }

    @Test("Idle connections are weighed beside the floor's", arguments: ["plain", "tls"])
    func idle(transport: String) async throws {
        let url = transport == "plain" ? "plain://127.0.0.1:\(ports.plain)" : "tls://localhost:\(ports.tls)"
        let output = try await bench("idle", url, "--connections", "100", "--json")
        let figures = try JSONDecoder().decode(Idle.self, from: Data(output.utf8))
        #expect((figures.connections, figures.floor?.connections) == (100, 100))
        #expect(figures.server.residentBytes > 0)
        let table = try await bench("idle", url, "--connections", "10", "--no-floor")
        #expect(table.firstMatch(of: /server's memory +[0-9.]+ MiB/) != nil, "\(table)")
    }

    @Test("A server that does not answer ends it with the reason, not in silence")
    func refused() async throws {
        let process = try TestProcess(
            Self.executable, ["fanout", "plain://127.0.0.1:1", "--seconds", "0.1"])
        #expect(await process.exitStatus() != 0)
        #expect(await process.errorReader.remainingLines().joined().contains("refused"))
    }

    /// Returns what it prints.
    private func bench(_ arguments: String...) async throws -> String {
        let process = try TestProcess(
            Self.executable,
            arguments + [
                "--pid", "\(server.process.identifier)",
            ] + tlsArguments(for: arguments))
        let output = await process.outputReader.remainingLines().joined(separator: "\n")
        let errors = await process.errorReader.remainingLines().joined(separator: "\n")
        #expect(await process.exitStatus() == 0, "\(errors)")
        return output
    }

    private func tlsArguments(for arguments: [String]) -> [String] {
        let authority = ["--ca", certificates.path("ca.pem")]
        guard !arguments.contains("--no-floor") else { return authority }
        return authority + [
            "--certificate", certificates.path("server.pem"), "--private-key", certificates.path("server-key.pem"),
        ]
    }
}
