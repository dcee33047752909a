import ChatServer
import TestSupport
import Testing

/// Pasted text, and receivers that do not read it at once.
@Suite("Backpressure", .timeLimit(.minutes(2)))
struct BackpressureScenarios {
    /// More than a room's log and the kernel's buffers take, with the limits of these tests.
    private static let paste = (0..<30_000).map { "line \($0) " + String(repeating: "x", count: 100) }

    private func paste(from sender: TestClient) {
        sender.sendInBackground(Self.paste.map { "MSG \($0)\n" }.joined())
    }

    @Test("A paste waits for a receiver that lags, and arrives whole and in order", arguments: Deployment.all)
    func pasteWaits(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.limits.roomLog = 1 << 20
        } _: { server in
            let sender = try await server.login("sender")
            let receiver = try server.joinUnread("receiver")
            #expect(await sender.line() == "INFO receiver joined the chat")
            paste(from: sender)
            let lines = Self.paste.map { "MSG sender \($0)" }
            #expect(await sender.lines(1) == Array(lines.prefix(1)))
            #expect(await receiver.lines(lines.count + 1) == ["OK"] + lines)
            #expect(await sender.lines(lines.count - 1) == Array(lines.dropFirst()))
        }
    }

    @Test("A stalled receiver holds nobody up, and is the only one to go", arguments: Deployment.all)
    func stalledReceiver(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.limits.stallTimeout = .seconds(1)
        } _: { server in
            let (sender, witness) = (try await server.login("sender"), try await server.login("witness"))
            let stalled = try server.joinUnread("stalled")
            let joined = "INFO stalled joined the chat"
            #expect(await sender.lines(2) == ["INFO witness joined the chat", joined])
            #expect(await witness.line() == joined)
            paste(from: sender)
            let lines = Self.paste.map { "MSG sender \($0)" }
            for client in [sender, witness] {
                let received = await client.lines(lines.count + 1)
                #expect(received.filter { $0.hasPrefix("MSG") } == lines)
                #expect(received.filter { $0.hasPrefix("INFO") } == ["INFO stalled disconnected"])
            }
            let told = await stalled.remainingLines()
            #expect(told.last == "ERR too-slow")
            #expect(told.dropFirst().dropLast().elementsEqual(lines.prefix(told.count - 2)))
        }
    }

    @Test("What a user types is said at once, while a paste waits for a receiver", arguments: Deployment.all)
    func typedLine(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.limits.roomLog = 1 << 20
        } _: { server in
            let (sender, typist) = (try await server.login("sender"), try await server.login("typist"))
            let stalled = try server.joinUnread("stalled")
            #expect(await typist.line() == "INFO stalled joined the chat")
            paste(from: sender)
            // The paste stops when the receiver lags by half of the log.
            for _ in 0..<3_000 { _ = await typist.line() }
            for number in 0..<20 {
                typist.say("MSG typed \(number)")
                while let line = await typist.line(), line != "MSG typist typed \(number)" {}
            }
            withExtendedLifetime((sender, stalled)) {}
        }
    }

    @Test(
        "Direct messages to a stalled receiver are rejected, and hold up neither their sender nor others",
        arguments: Deployment.all)
    func directMessages(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let (sender, other) = (try await server.login("sender"), try await server.login("other"))
            let stalled = try server.joinUnread("stalled")
            #expect(await sender.lines(2) == ["INFO other joined the chat", "INFO stalled joined the chat"])
            let text = String(repeating: "x", count: 4_000)
            sender.sendInBackground(String(repeating: "DM stalled \(text)\n", count: 1_000) + "PING\n")
            var rejected = 0
            while let line = await sender.line(), line != "PONG" {
                #expect(line == "ERR not-delivered")
                rejected += 1
            }
            #expect(rejected > 0 && rejected < 1_000)
            other.say("DM stalled hello")
            #expect(await other.linesUntilPong() == ["INFO stalled joined the chat"])
            let received = await stalled.lines(1_000 - rejected + 2)
            #expect(
                received == ["OK"] + Array(repeating: "DM sender \(text)", count: 1_000 - rejected) + ["DM other hello"]
            )
        }
    }

    @Test(
        "A lagging receiver gets its direct messages in their places among the room's lines", arguments: Deployment.all)
    func directMessagesOfLaggingReceiver(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let sender = try await server.login("sender")
            let lagging = try server.joinUnread("lagging")
            #expect(await sender.line() == "INFO lagging joined the chat")
            let text = String(repeating: "x", count: 1_000)
            let count = 400
            for number in 0..<count {
                sender.say("MSG \(number) \(text)")
                if number.isMultiple(of: 3) { sender.say("DM lagging \(number)") }
                #expect(await sender.line() == "MSG sender \(number) \(text)")
            }
            let expected = (0..<count).flatMap { number in
                ["MSG sender \(number) \(text)"] + (number.isMultiple(of: 3) ? ["DM sender \(number)"] : [])
            }
            #expect(await lagging.lines(expected.count + 1) == ["OK"] + expected)
            sender.say("MSG caught up", "DM lagging at once")
            #expect(await lagging.lines(2) == ["MSG sender caught up", "DM sender at once"])
        }
    }
}
