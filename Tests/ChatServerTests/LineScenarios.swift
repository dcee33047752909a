import TestSupport
import Testing

/// How lines are cut, cleaned and ended on the wire: PROTOCOL.md, "Lines".
@Suite("Lines", .timeLimit(.minutes(1)))
struct LineScenarios {
    @Test("A session that drips in byte by byte is answered as one that comes at once", arguments: Deployment.all)
    func drip(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let session = "LOGIN zoë\r\n\r\nMSG grüße\nWHO\n"
            let client = try server.connect()
            for byte in session.utf8 { client.send(bytes: [byte]) }
            #expect(await client.lines(3) == ["OK", "MSG zoë grüße", "USER zoë"])
        }
    }

    @Test("At the end of input a last line without LF counts, and every reply comes", arguments: Deployment.all)
    func endOfInput(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let other = try await server.login("other")
            let client = try server.connect()
            client.send("LOGIN a\nMSG one\nWHO\nMSG two")
            client.finishSending()
            #expect(await client.remainingLines() == ["OK", "MSG a one", "USER other", "USER a", "MSG a two"])
            #expect(
                await other.lines(4) == [
                    "INFO a joined the chat", "MSG a one", "MSG a two", "INFO a disconnected",
                ])
        }
    }

    @Test("A line above 4,096 bytes is refused, and the session goes on", arguments: Deployment.all)
    func tooLong(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let client = try await server.login("a")
            let longest = String(repeating: "x", count: 4_092)
            client.say("MSG \(longest)", "MSG \(longest)x", String(repeating: "y", count: 100_000), "MSG next")
            #expect(
                await client.lines(4) == [
                    "MSG a \(longest)", "ERR line-too-long", "ERR line-too-long", "MSG a next",
                ])
        }
    }

    @Test("Nothing that one user sends reaches another's terminal as a control", arguments: Deployment.all)
    func defused(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let (alice, eve) = (try await server.login("alice"), try await server.login("eve"))
            _ = await alice.line()
            for harm: [UInt8] in [
                Array("\u{1B}[2J".utf8), [0x9B, 0x32, 0x4A], Array("\u{9B}2J".utf8), Array("\u{202E}2J".utf8),
                [0, 0x32, 0x4A],
                [0xC3, 0x32, 0x4A], Array("\r2J".utf8), [0x7F, 0x32, 0x4A],
            ] {
                eve.send(bytes: Array("MSG <".utf8) + harm + Array(">\n".utf8))
                let line = try #require(await alice.line())
                #expect(line == "MSG eve <\u{FFFD}2J>" || line == "MSG eve <\u{FFFD}[2J>", "\(harm)")
            }
            eve.send(bytes: Array("DM alice \u{1B}[2J\n".utf8))
            #expect(await alice.line() == "DM eve \u{FFFD}[2J")
        }
    }

    @Test("A telnet client's negotiation is invisible", arguments: Deployment.all)
    func telnet(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let client = try server.connect()
            client.send(
                bytes: [255, 251, 31, 255, 253, 3] + Array("LOGIN a\r\n".utf8) + [255, 241] + Array("PING\r\n".utf8))
            #expect(await client.lines(2) == ["OK", "PONG"])
        }
    }

    @Test("Replies, echoes and others' lines keep their order", arguments: Deployment.all)
    func order(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let client = try await server.login("a")
            let rounds = 200
            for round in 0..<rounds { client.send("MSG \(round)\nPING\nDM a \(round)\nWHO\n") }
            let expected = (0..<rounds).flatMap { ["MSG a \($0)", "PONG", "DM a \($0)", "USER a"] }
            #expect(await client.lines(4 * rounds) == expected)
        }
    }
}
