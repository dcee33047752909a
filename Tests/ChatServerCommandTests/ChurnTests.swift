import Foundation
import TestSupport
import Testing

/// Connections that come and go, in every way, while others chat.
@Suite(.timeLimit(.minutes(5)))
struct ChurnTests {
    private static let rounds = 2_000

    @Test("Thousands that come and go over plaintext leave no ghost and no descriptor")
    func plain() async throws {
        let server = try ServerProcess("--listen", "plain://127.0.0.1:0", "--event-loops", "2", "--log-level", "error")
        try await churn(server, tls: nil)
    }

    @Test("Thousands that come and go over TLS, half of them in the middle of a handshake, leave none either")
    func tls() async throws {
        let folder = try TemporaryFolder()
        let authority = try TestAuthority()
        let leaf = try authority.issue()
        let server = try ServerProcess(
            "--listen", "tls://127.0.0.1:0", "--event-loops", "2", "--log-level", "error", "--tls-certificate",
            try folder.write(leaf.certificate, to: "server.pem"), "--tls-private-key",
            try folder.write(leaf.privateKey, to: "server-key.pem"))
        try await churn(server, tls: TLSClientOptions(authority: authority.certificate))
    }

    private func churn(_ server: ServerProcess, tls: TLSClientOptions?) async throws {
        let port = try await server.port()
        let descriptors = "/proc/\(server.process.identifier)/fd"
        let (alice, bob) = (try TestClient(port: port, tls: tls), try TestClient(port: port, tls: tls))
        alice.say("LOGIN alice")
        #expect(await alice.line() == "OK")
        bob.say("LOGIN bob")
        #expect(await bob.line() == "OK")
        let before = try FileManager.default.contentsOfDirectory(atPath: descriptors).count
        var random = SeededGenerator()
        for round in 0..<Self.rounds {
            if let tls, round.isMultiple(of: 2) {
                try abortHandshake(port, tls, &random)
            } else {
                try await visit(port, tls, round)
            }
            if round.isMultiple(of: 50) { bob.say("MSG still here") }
        }
        // Everything that a guest did is decided when the last of them is gone from WHO.
        var names: [String] = []
        repeat {
            alice.say("WHO", "PING")
            names = []
            while let line = await alice.line(), line != "PONG" {
                if line.hasPrefix("USER ") { names.append(line) }
            }
        } while names.count > 2
        #expect(names == ["USER alice", "USER bob"])
        // A connection is closed in the turn behind the one that told of its end.
        var after = before + 1
        while after > before {
            alice.say("PING")
            _ = await alice.line()
            after = try FileManager.default.contentsOfDirectory(atPath: descriptors).count
        }
        #expect(after == before)
        server.process.send(signal: SIGTERM)
        let (status, _, errors) = await server.end()
        #expect(status == 0)
        #expect(errors == [])
    }

    private func visit(_ port: UInt16, _ tls: TLSClientOptions?, _ round: Int) async throws {
        let client = try TestClient(port: port, tls: tls)
        switch round / 2 % 5 {
        case 0: break
        case 1: client.send("LOG")
        case 2: client.say("LOGIN guest\(round)", "MSG hi")
        case 3:
            client.say("LOGIN guest\(round)", "MSG hi")
            _ = await client.line()
        default:
            client.say("LOGIN guest\(round)")
            client.reset()
        }
    }

    /// Sends the beginning of a handshake, of any length, then ends the connection in one way or another.
    private func abortHandshake(_ port: UInt16, _ tls: TLSClientOptions, _ random: inout SeededGenerator) throws {
        let hello = try ClientConnection.hello(tls)
        let client = try TestClient(port: port)
        client.send(bytes: Array(hello.prefix(.random(in: 0...hello.count, using: &random))))
        switch Int.random(in: 0..<3, using: &random) {
        case 0: break
        case 1: client.finishSending()
        default: client.reset()
        }
    }
}
