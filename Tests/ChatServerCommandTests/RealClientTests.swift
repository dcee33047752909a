import Foundation
import TestSupport
import Testing

/// A program with which people connect, and how.
enum RealClient: CaseIterable {
    case openbsdNetcat, traditionalNetcat, ncat, busybox, socat
    case sClient, sClientTLS12, gnutls, ncatTLS, socatTLS

    static let tls: [Self] = [.sClient, .sClientTLS12, .gnutls, .ncatTLS, .socatTLS]

    /// Whether the client tells the server when its input has ended, as `printf … | nc` needs.
    static let halfClosing: [Self] = [.openbsdNetcat, .ncat, .socat]

    var speaksTLS: Bool { Self.tls.contains(self) }

    private var program: String {
        switch self {
        case .openbsdNetcat: "nc.openbsd"
        case .traditionalNetcat: "nc.traditional"
        case .ncat, .ncatTLS: "ncat"
        case .busybox: "busybox"
        case .socat, .socatTLS: "socat"
        case .sClient, .sClientTLS12: "openssl"
        case .gnutls: "gnutls-cli"
        }
    }

    private func arguments(port: UInt16, isPiped: Bool, ca: String) -> [String] {
        switch self {
        case .openbsdNetcat: (isPiped ? ["-N"] : []) + ["127.0.0.1", "\(port)"]
        case .traditionalNetcat, .ncat: ["127.0.0.1", "\(port)"]
        case .busybox: ["nc", "127.0.0.1", "\(port)"]
        // As long as it takes: the server closes when it has sent everything.
        case .socat: ["-t60", "-", "TCP:127.0.0.1:\(port)"]
        case .sClient:
            ["s_client", "-quiet", "-connect", "localhost:\(port)", "-CAfile", ca, "-verify_return_error"]
        case .sClientTLS12: Self.sClient.arguments(port: port, isPiped: isPiped, ca: ca) + ["-tls1_2"]
        // What it tells of the connection goes where nobody looks.
        case .gnutls: ["--logfile=/dev/null", "--x509cafile", ca, "-p", "\(port)", "localhost"]
        case .ncatTLS: ["--ssl", "--ssl-verify", "--ssl-trustfile", ca, "localhost", "\(port)"]
        case .socatTLS: ["-t60", "-", "OPENSSL:localhost:\(port),cafile=\(ca)"]
        }
    }

    func connect(to port: UInt16, isPiped: Bool = false, ca: String = "") throws -> TestProcess {
        guard let executable = TestProcess.find(program) else {
            // On CI every client is there, or CI has to say so.
            guard ProcessInfo.processInfo.environment["CI"] == nil else { throw MissingClient(name: program) }
            // A cancelled case of a test leaves no trace in its report.
            print("skipped: \(program) is not installed")
            try Test.cancel("\(program) is not installed")
        }
        return try TestProcess(executable, arguments(port: port, isPiped: isPiped, ca: ca))
    }
}

struct MissingClient: Error {
    let name: String
}

/// The README's transcript, with the programs that people have.
@Suite(.timeLimit(.minutes(1)))
struct RealClientTests {
    @Test("Two people chat", arguments: RealClient.allCases)
    func conversation(_ client: RealClient) async throws {
        let certificates = try DevelopmentCertificates()
        #expect(await (try certificates.make()).exitStatus() == 0)
        let server = try ServerProcess(
            ["--listen", "\(client.speaksTLS ? "tls" : "plain")://127.0.0.1:0"] + certificates.serverArguments)
        let port = try await server.port()
        let alice = try client.connect(to: port, ca: certificates.path("ca.pem"))
        alice.say("LOGIN alice")
        #expect(await alice.outputReader.line() == "OK")
        let bob = try client.connect(to: port, ca: certificates.path("ca.pem"))
        bob.say("LOGIN bob")
        #expect(await bob.outputReader.line() == "OK")
        #expect(await alice.outputReader.line() == "INFO bob joined the chat")
        alice.say("MSG hello, grüße")
        for person in [alice, bob] { #expect(await person.outputReader.line() == "MSG alice hello, grüße") }
        bob.say("WHO", "DM alice psst")
        #expect(await bob.outputReader.lines(2) == ["USER alice", "USER bob"])
        #expect(await alice.outputReader.line() == "DM bob psst")
        bob.say("EXIT")
        #expect(await alice.outputReader.line() == "INFO bob disconnected")
        server.process.send(signal: SIGINT)
        #expect(await alice.outputReader.line() == "INFO server shutting down")
        #expect(await server.end().status == 0)
        // Some clients end with the server, the others with their input.
        for person in [alice, bob] {
            person.finishSending()
            #expect(await person.outputReader.line() == nil)
            let complaints = await person.errorReader.remainingLines().filter { $0.lowercased().contains("eof") }
            #expect(complaints == [])
        }
    }

    @Test("Somebody at nc and somebody at s_client chat line for line")
    func mixed() async throws {
        let certificates = try DevelopmentCertificates()
        #expect(await (try certificates.make()).exitStatus() == 0)
        let server = try ServerProcess(
            ["--listen", "plain://127.0.0.1:0", "--listen", "tls://127.0.0.1:0"] + certificates.serverArguments)
        let alice = try RealClient.openbsdNetcat.connect(to: try await server.port())
        alice.say("LOGIN alice")
        #expect(await alice.outputReader.line() == "OK")
        let bob = try RealClient.sClient.connect(to: try await server.port(), ca: certificates.path("ca.pem"))
        bob.say("LOGIN bob", "MSG hello", "DM alice psst", "QUIT")
        #expect(await bob.outputReader.remainingLines() == ["OK", "MSG bob hello"])
        #expect(await bob.exitStatus() == 0)
        #expect(
            await alice.outputReader.lines(4) == [
                "INFO bob joined the chat", "MSG bob hello", "DM bob psst", "INFO bob disconnected",
            ])
    }

    @Test("A script pipes its lines and gets every reply", arguments: RealClient.halfClosing)
    func pipe(_ client: RealClient) async throws {
        let server = try ServerProcess("--listen", "plain://127.0.0.1:0")
        let script = try client.connect(to: try await server.port(), isPiped: true)
        script.send("LOGIN a\nMSG one\nWHO\nMSG two")
        script.finishSending()
        #expect(await script.outputReader.remainingLines() == ["OK", "MSG a one", "USER a", "MSG a two"])
        #expect(await script.exitStatus() == 0)
    }
}
