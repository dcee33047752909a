import ChatServer
import TestSupport
import Testing

/// What a client may take of the server, and what it is told when it takes more.
@Suite("Limits", .timeLimit(.minutes(1)))
struct LimitScenarios {
    @Test("A client that does not log in is told, and closed", arguments: Deployment.all)
    func loginTimeout(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.limits.loginTimeout = .milliseconds(50)
        } _: { server in
            #expect(await (try server.connect()).remainingLines() == ["ERR login-timeout"])
            // The deadline is absolute: lines do not move it.
            let busy = try server.connect()
            busy.say("PING")
            #expect(await busy.remainingLines() == ["PONG", "ERR login-timeout"])
        }
    }

    @Test("A user who logged in has no login deadline any more", arguments: Deployment.all)
    func noLoginTimeoutBehindLogin(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.limits.loginTimeout = .milliseconds(200)
        } _: { server in
            let user = try await server.login("user")
            // Later than the user's: when this one has passed, the user's would have.
            #expect(await (try server.connect()).remainingLines() == ["ERR login-timeout"])
            #expect(await user.linesUntilPong() == [])
        }
    }

    @Test("A silent user is told and closed where an idle limit is set", arguments: Deployment.all)
    func idleTimeout(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.limits.idleTimeout = .milliseconds(50)
        } _: { server in
            let user = try server.connect()
            user.say("LOGIN user")
            #expect(await user.remainingLines() == ["OK", "ERR idle-timeout"])
        }
    }

    @Test("One connection too many is told so", arguments: Deployment.all)
    func connections(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.limits.connections = 2
        } _: { server in
            let users = [try await server.login("a"), try await server.login("b")]
            let oneTooMany = try server.connect()
            // Over TLS it takes no handshake to be told.
            let told = deployment.transport == .plain ? ["ERR too-many-connections"] : []
            #expect(await oneTooMany.remainingLines() == told)
            if let tunnel = oneTooMany.tunnel {
                #expect(await tunnel.ending() == .failed("SSL_do_handshake: tlsv1 alert access denied"))
            }
            users[1].say("EXIT")
            #expect(await users[1].remainingLines() == [])
            #expect(await users[0].lines(2) == ["INFO b joined the chat", "INFO b disconnected"])
        }
    }

    @Test("One user too many is told so, and may try again", arguments: Deployment.all)
    func users(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.limits.users = 1
        } _: { server in
            let (first, second) = (try await server.login("first"), try server.connect())
            second.say("LOGIN second", "LOGIN first")
            #expect(await second.lines(2) == ["ERR too-many-users", "ERR username-taken"])
            first.say("EXIT")
            #expect(await first.remainingLines() == [])
            second.say("LOGIN second")
            #expect(await second.line() == "OK")
        }
    }

    @Test("Lines and names are as long as the operator has it", arguments: Deployment.all)
    func lengths(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.limits.lineLength = 64
            $0.limits.usernameLength = 40
        } _: { server in
            let name = String(repeating: "n", count: 40)
            let user = try server.connect()
            user.say("LOGIN \(name)n", "LOGIN \(name)", "MSG " + String(repeating: "x", count: 61), "DM \(name) hello")
            #expect(
                await user.lines(4) == ["ERR invalid-username", "OK", "ERR line-too-long", "DM \(name) hello"])
        }
    }

    @Test("A reader that is too slow is told where it still fits, and ends alone", arguments: Deployment.all)
    func tooSlow(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.limits.roomLog = 64 << 10
            $0.limits.interactiveRate = 1 << 30
        } _: { server in
            let (sender, witness) = (try await server.login("sender"), try await server.login("witness"))
            let slow = try server.joinUnread("slow")
            #expect(await sender.lines(2) == ["INFO witness joined the chat", "INFO slow joined the chat"])
            let text = String(repeating: "x", count: 4_000)
            var told = false
            var sent = 0
            while !told {
                sender.say("MSG \(text)")
                sent += 1
                var echo = await sender.line()
                while let line = echo, !line.hasPrefix("MSG") {
                    told = told || line == "INFO slow disconnected"
                    echo = await sender.line()
                }
                try #require(echo == "MSG sender \(text)")
            }
            // Whole lines only, and the reason behind them.
            let lines = await slow.remainingLines()
            #expect(lines.last == "ERR too-slow")
            #expect(lines.dropLast().allSatisfy { $0 == "MSG sender \(text)" || !$0.hasPrefix("MSG") })
            // Nobody else lost anything.
            witness.say("MSG done")
            var received = 0
            while let line = await witness.line(), line != "MSG witness done" {
                if line == "MSG sender \(text)" { received += 1 }
            }
            #expect(received == sent)
        }
    }

    @Test("A paste arrives whole at a sender that reads its echoes only afterwards", arguments: Deployment.all)
    func unreadEchoes(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let count = 30_000
            let lines = (0..<count).map { "MSG \($0) " + String(repeating: "x", count: 100) }
            let client = try server.connect(receiveBuffer: 4_096)
            client.sendInBackground("LOGIN a\n" + lines.map { $0 + "\n" }.joined())
            let echoes = ["OK"] + lines.map { "MSG a \($0.dropFirst(4))" }
            let received = await client.lines(count + 1)
            #expect(received == echoes)
        }
    }

    @Test("LOGIN is answered by too-fast after ten at once, and the session continues", arguments: Deployment.all)
    func logins(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let client = try server.connect()
            client.say("LOGIN a")
            for _ in 0..<10 { client.say("LOGIN b") }
            client.say("MSG hello")
            #expect(
                await client.lines(12) == ["OK"] + Array(repeating: "ERR already-logged-in", count: 9) + [
                    "ERR too-fast", "MSG a hello",
                ])
        }
    }
}
