import Foundation
import TestSupport
import Testing

/// What `openssl s_client` can do besides, without `-quiet`: it tells then what was agreed.
@Suite(.timeLimit(.minutes(1)))
struct SClientTests {
    private let certificates: DevelopmentCertificates
    private let server: ServerProcess
    private let port: UInt16

    init() async throws {
        certificates = try DevelopmentCertificates()
        #expect(await (try certificates.make("--client", "alice")).exitStatus() == 0)
        server = try ServerProcess(
            ["--listen", "tls://127.0.0.1:0", "--tls-client-ca", certificates.path("ca.pem")]
                + certificates.serverArguments)
        port = try await server.port()
    }

    /// All that s_client says when its input has ended.
    private func sClient(
        _ arguments: String..., saying text: String = ""
    ) async throws -> (output: [String], errors: [String]) {
        let openssl = try #require(TestProcess.find("openssl"))
        let process = try TestProcess(
            openssl, ["s_client", "-connect", "localhost:\(port)", "-CAfile", certificates.path("ca.pem")] + arguments)
        process.send(text)
        process.finishSending()
        _ = await process.exitStatus()
        return (await process.outputReader.remainingLines(), await process.errorReader.remainingLines())
    }

    @Test("A session is resumed", arguments: ["-tls1_2", "-tls1_3"])
    func resumption(_ version: String) async throws {
        let file = certificates.path("session\(version)")
        let first = try await sClient(version, "-sess_out", file, "-ign_eof", saying: "PING\nEXIT\n").output
        #expect(first.contains { $0.hasPrefix("New, TLSv1") } && first.contains("PONG"))
        let second = try await sClient(version, "-sess_in", file, "-ign_eof", saying: "PING\nEXIT\n").output
        #expect(second.contains { $0.hasPrefix("Reused, TLSv1") } && second.contains("PONG"))
    }

    @Test("Of the protocols that are offered, ours is taken, and others end the handshake")
    func alpn() async throws {
        #expect(try await sClient("-alpn", "h2,chat").output.contains("ALPN protocol: chat"))
        #expect(try await sClient("-alpn", "h2").errors.contains { $0.contains("no application protocol") })
    }

    @Test("A client that asks for short records gets every line", arguments: ["-tls1_2", "-tls1_3"])
    func shortRecords(_ version: String) async throws {
        let lines = (0..<200).map { "MSG \($0) " + String(repeating: "x", count: 100) }
        let text = "LOGIN alice\n" + lines.map { $0 + "\n" }.joined() + "EXIT\n"
        let output = try await sClient(version, "-maxfraglen", "512", "-ign_eof", saying: text).output
        #expect(output.filter { $0.hasPrefix("MSG") } == lines.map { $0.replacing("MSG", with: "MSG alice") })
    }

    @Test("A client certificate is an identity")
    func clientCertificate() async throws {
        let (output, _) = try await sClient(
            "-quiet", "-verify_return_error", "-cert", certificates.path("client-alice.pem"), "-key",
            certificates.path("client-alice-key.pem"), saying: "LOGIN bob\nLOGIN alice\nEXIT\n")
        #expect(output == ["ERR username-mismatch", "OK"])
    }

    @Test("Verifies by name, and nothing about the connection is weak", arguments: ["-tls1_2", "-tls1_3"])
    func agreed(_ version: String) async throws {
        let (output, errors) = try await sClient(
            version, "-servername", "localhost", "-verify_hostname", "localhost")
        // s_client says so where a server does not acknowledge the name.
        #expect(!errors.contains("Can't use SSL_get_servername"))
        #expect(output.contains("Verification: OK") && output.contains("Verified peername: localhost"))
        #expect(output.contains("Server Temp Key: X25519, 253 bits"))
        #expect(output.contains("Compression: NONE"))
    }

    @Test("A client that asks to negotiate anew is refused")
    func renegotiation() async throws {
        let errors = try await sClient("-tls1_2", saying: "R\n").errors
        #expect(errors.contains("RENEGOTIATING"))
        #expect(errors.contains { $0.contains("no renegotiation") })
    }

    @Test("Old versions are refused", arguments: ["-tls1", "-tls1_1"])
    func oldVersions(_ version: String) async throws {
        let errors = try await sClient(version, "-cipher", "DEFAULT@SECLEVEL=0").errors
        #expect(errors.contains { $0.contains("alert protocol version") })
    }
}
