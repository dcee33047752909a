import ChatServer
import TestSupport
import Testing

/// How connections end, and what others see of it.
@Suite("Endings", .timeLimit(.minutes(1)))
struct EndingScenarios {
    @Test(
        "Whatever way a connection ends, the others are told, and the name is free at once", arguments: Deployment.all)
    func disconnect(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let alice = try await server.login("alice")
            let ends: [(TestClient) -> Void] = [{ $0.say("EXIT") }, { $0.finishSending() }, { $0.reset() }]
            for (index, end) in ends.enumerated() {
                let bob = try await server.login("bob")
                #expect(await alice.line() == "INFO bob joined the chat", "\(index)")
                end(bob)
                #expect(await alice.line() == "INFO bob disconnected", "\(index)")
            }
            #expect(await alice.linesUntilPong() == [])
        }
    }

    @Test("What a client said before it vanished is delivered, though it reads no reply", arguments: Deployment.all)
    func oneShot(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let alice = try await server.login("alice")
            let count = 2_000
            do {
                let script = try server.connect()
                script.send("LOGIN bot\n" + (0..<count).map { "MSG line \($0)\n" }.joined())
                script.finishSending()
            }
            #expect(await alice.line() == "INFO bot joined the chat")
            #expect(await alice.lines(count) == (0..<count).map { "MSG bot line \($0)" })
            #expect(await alice.line() == "INFO bot disconnected")
        }
    }

    @Test(
        "A client that has not read its replies gets them all, though it sends on behind EXIT",
        arguments: Deployment.all)
    func lingering(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let client = try server.connect()
            let count = 1_000
            client.send("LOGIN a\n" + (0..<count).map { "MSG \($0)\n" }.joined() + "EXIT\n")
            client.send(String(repeating: "MSG unread\n", count: 10_000))
            let lines = await client.remainingLines()
            #expect(lines == ["OK"] + (0..<count).map { "MSG a \($0)" })
        }
    }

    @Test("Shutdown: everybody is told as the last thing, and the server ends", arguments: Deployment.all)
    func shutdown(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let (alice, stranger) = (try await server.login("alice"), try server.connect())
            #expect(await stranger.linesUntilPong() == [])
            alice.say("MSG last")
            #expect(await alice.line() == "MSG alice last")
            server.shutDown()
            #expect(await alice.remainingLines() == ["INFO server shutting down"])
            #expect(await stranger.remainingLines() == ["INFO server shutting down"])
            if let tunnel = alice.tunnel { #expect(await tunnel.ending() == .closeNotify) }
            try await server.ended()
            #expect(throws: (any Error).self) { try server.connect() }
        }
    }

    @Test("Shutdown with a client that does not read ends within its grace", arguments: Deployment.all)
    func shutdownWithStuckReader(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.limits.shutdownGrace = .milliseconds(200)
        } _: { server in
            let sender = try await server.login("sender")
            let stuck = try server.joinUnread("stuck")
            #expect(await sender.line() == "INFO stuck joined the chat")
            let text = String(repeating: "x", count: 4_000)
            for _ in 0..<80 {
                sender.say("MSG \(text)")
                _ = await sender.line()
            }
            server.shutDown()
            #expect(await sender.remainingLines() == ["INFO server shutting down"])
            try await server.ended()
            _ = stuck
        }
    }

    @Test(
        "Shutdown during a flood, with readers who are stuck: who reads is told as the last thing, and it ends",
        arguments: Deployment.all)
    func shutdownDuringFlood(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.limits.shutdownGrace = .milliseconds(500)
            $0.limits.roomLog = 1 << 20
        } _: { server in
            let (flooder, witness) = (try await server.login("flooder"), try await server.login("witness"))
            let stuck = try (0..<3).map { try server.joinUnread("stuck-\($0)") }
            let count = 200_000
            flooder.sendInBackground((0..<count).map { "MSG line \($0)\n" }.joined())
            // One is under way.
            while let line = await witness.line(), line != "MSG flooder line 100" {}
            server.shutDown()
            for client in [flooder, witness] {
                let lines = await client.remainingLines()
                #expect(lines.last == "INFO server shutting down")
                #expect(!lines.contains("MSG flooder line \(count - 1)"))
            }
            try await server.ended()
            withExtendedLifetime(stuck) {}
        }
    }

    @Test("What a reset has cut off is no line, though a write learns of the reset first", arguments: Deployment.all)
    func resetInLine(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let talker = try await server.login("talker")
            for _ in 0..<100 {
                let guest = try await server.login("guest")
                guest.send("MSG half")
                talker.say("MSG 1", "MSG 2", "MSG 3")
                guest.reset()
                var line: String?
                repeat {
                    line = await talker.line()
                    #expect(line?.hasPrefix("MSG guest") == false)
                } while line != nil && line != "INFO guest disconnected"
                #expect(line != nil)
            }
        }
    }
}
