import ChatServer
import TestSupport
import Testing

/// Clients that speak another protocol: PROTOCOL.md, "The wrong protocol on a port".
@Suite("Wrong transport", .timeLimit(.minutes(1)))
struct WrongTransportScenarios {
    private static let plain = Deployment.all.filter { $0.transport == .plain }

    @Test("A TLS ClientHello on the plaintext port gets a fatal alert, then the end", arguments: plain)
    func clientHello(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let client = try server.connect()
            client.send(bytes: [22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3] + [UInt8](repeating: 10, count: 500))
            #expect(await client.remainingBytes() == [21, 3, 1, 0, 2, 2, 10])
        }
    }

    @Test("Text on a TLS port is told which command connects, and does nothing", arguments: Deployment.tls)
    func plainText(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let alice = try await server.login("alice")
            for text in ["LOGIN eve\nMSG evil\n", "\n", "hello\r\n"] {
                let client = try server.connect(tls: nil)
                client.send(text)
                #expect(
                    await client.remainingLines() == [
                        "ERR this port speaks TLS: openssl s_client -quiet -connect 127.0.0.1:\(server.port)"
                    ])
            }
            let browser = try server.connect(tls: nil)
            browser.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\nLOGIN eve\r\n")
            #expect(await browser.remainingLines() == ["ERR unknown-command"])
            #expect(await alice.linesUntilPong() == [])
        }
    }

    @Test("What is neither text nor TLS is closed, and does nothing", arguments: Deployment.tls)
    func garbage(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let client = try server.connect(tls: nil)
            client.send(bytes: [22, 3, 1, 0, 5, 1, 255, 255, 255, 255])
            let answer = await client.remainingBytes()
            #expect(answer.count == 7 && answer.first == 21)
        }
    }

    @Test("An HTTP request is refused, and no line of it is run as a command", arguments: Deployment.all)
    func http(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let alice = try await server.login("alice")
            let body = "\r\n\r\nLOGIN evil\r\nMSG pwned\r\n"
            for (path, replies) in [("", []), (String(repeating: "a", count: 5_000), ["ERR line-too-long"])] {
                let browser = try server.connect()
                browser.send("POST /\(path) HTTP/1.1\r\nHost: localhost:4000\r\nContent-Length: 30" + body)
                #expect(await browser.remainingLines() == replies + ["ERR unknown-command"])
                #expect(await alice.linesUntilPong() == [])
            }
        }
    }
}
