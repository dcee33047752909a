import Foundation
import TestSupport
import Testing

/// A program with which people connect.
enum RealClient: String, CaseIterable {
    case openbsdNetcat = "nc.openbsd"
    case traditionalNetcat = "nc.traditional"
    case ncat
    case busybox
    case socat

    /// Whether the client tells the server when its input has ended, as `printf … | nc` needs.
    static let halfClosing: [Self] = [.openbsdNetcat, .ncat, .socat]

    func arguments(port: UInt16, isPiped: Bool) -> [String] {
        switch self {
        case .openbsdNetcat: (isPiped ? ["-N"] : []) + ["127.0.0.1", "\(port)"]
        case .traditionalNetcat, .ncat: ["127.0.0.1", "\(port)"]
        case .busybox: ["nc", "127.0.0.1", "\(port)"]
        // As long as it takes: the server closes when it has sent everything.
        case .socat: ["-t60", "-", "TCP:127.0.0.1:\(port)"]
        }
    }

    func connect(to port: UInt16, isPiped: Bool = false) throws -> TestProcess {
        guard let executable = TestProcess.find(rawValue) else {
            // On CI every client is there, or CI has to say so.
            guard ProcessInfo.processInfo.environment["CI"] == nil else { throw MissingClient(name: rawValue) }
            // A cancelled case of a test leaves no trace in its report.
            print("skipped: \(rawValue) is not installed")
            try Test.cancel("\(rawValue) is not installed")
        }
        return try TestProcess(executable, arguments(port: port, isPiped: isPiped))
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
        let server = try ServerProcess("--listen", "plain://127.0.0.1:0")
        let port = try await server.port()
        let alice = try client.connect(to: port)
        alice.say("LOGIN alice")
        #expect(await alice.outputReader.line() == "OK")
        let bob = try client.connect(to: port)
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
        }
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
