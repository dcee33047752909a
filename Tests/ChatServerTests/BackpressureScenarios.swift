import ChatServer
import TestSupport
import Testing

/// What becomes of those who say more than others read, and of those who do not read.
@Suite("Backpressure", .timeLimit(.minutes(2)))
struct BackpressureScenarios {
    /// More than the queues and the kernel's buffers of a receiver take, with the limits of these tests.
    private static let paste = (0..<30_000).map { "line \($0) " + String(repeating: "x", count: 100) }

    private func paste(from sender: TestClient) {
        sender.sendInBackground(Self.paste.map { "MSG \($0)\n" }.joined())
    }

    @Test("A paste waits for a receiver that is behind, and arrives whole and in order", arguments: Deployment.all)
    func pasteWaits(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.limits.sendQueue = 64 << 10
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

    @Test("A receiver that has stalled holds nobody up for long, and is the only one to go", arguments: Deployment.all)
    func stalledReceiver(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.limits.sendQueue = 64 << 10
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
            withExtendedLifetime(stalled) {}
        }
    }

    @Test("A receiver that drains nothing for long goes, though little waits for it", arguments: Deployment.all)
    func drainsTooLittle(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let sender = try await server.login("sender")
            let stalled = try server.joinUnread("stalled")
            #expect(await sender.line() == "INFO stalled joined the chat")
            let text = String(repeating: "x", count: 4_000)
            // Beyond the kernel's buffers, and far below half of the queue.
            let count = 80
            for _ in 0..<count { sender.say("MSG \(text)") }
            let received = await sender.lines(count + 1)
            #expect(received == Array(repeating: "MSG sender \(text)", count: count) + ["INFO stalled disconnected"])
            let told = await stalled.remainingLines()
            #expect(told.last == "ERR too-slow")
        }
    }

    @Test("Where all queues together take too much, the slowest goes first", arguments: Deployment.all)
    func totalSendQueue(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.eventLoops = 1
            $0.limits.totalSendQueue = 1 << 20
        } _: { server in
            let sender = try await server.login("sender")
            var stalled: [TestClient] = []
            for number in 0..<16 {
                stalled.append(try server.joinUnread("stalled-\(number)"))
                #expect(await sender.line() == "INFO stalled-\(number) joined the chat")
            }
            let text = String(repeating: "x", count: 4_000)
            // Beyond the kernel's buffers, and less than one queue holds.
            for number in stalled.indices {
                sender.send(String(repeating: "DM stalled-\(number) \(text)\n", count: 75))
                // It may be just that one that has to go.
                let told = await sender.linesUntilPong()
                #expect(told.allSatisfy { $0.hasSuffix(" disconnected") || $0 == "ERR user-not-found" })
            }
            sender.say("WHO")
            let here = await sender.linesUntilPong().filter { $0.hasPrefix("USER stalled") }
            // Some had to go, and with them room was made for the others.
            #expect((1..<stalled.count).contains(here.count))
        }
    }

    @Test("One that reads is waited for, however many have stalled beside it", arguments: Deployment.all)
    func amongStalled(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.eventLoops = 1
            $0.limits.sendQueue = 64 << 10
            // So that those who have stalled take more than half of it at once, but not all.
            $0.limits.totalSendQueue = 2 << 20
        } _: { server in
            let sender = try await server.login("sender")
            let reader = try server.joinUnread("reader")
            #expect(await sender.line() == "INFO reader joined the chat")
            let stalled = try (0..<32).map { try server.joinUnread("stalled-\($0)") }
            for _ in stalled { #expect(await sender.line()?.hasSuffix(" joined the chat") == true) }
            paste(from: sender)
            let lines = Self.paste.map { "MSG sender \($0)" }
            async let echo = sender.lines(lines.count + stalled.count)
            var received: [String] = []
            while received.count < lines.count, let line = await reader.line() {
                if line.hasPrefix("MSG") { received.append(line) }
            }
            // Not the lists themselves, which a failure would print.
            #expect(zip(received, lines).allSatisfy(==) && received.count == lines.count)
            let echoed = await echo.filter { $0.hasPrefix("MSG") }
            #expect(zip(echoed, lines).allSatisfy(==) && echoed.count == lines.count)
        }
    }

    @Test("One that lags is told what it alone is told in its place among what all are told", arguments: Deployment.all)
    func privateLinesOfLaggard(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let sender = try await server.login("sender")
            let laggard = try server.joinUnread("laggard")
            #expect(await sender.line() == "INFO laggard joined the chat")
            let text = String(repeating: "x", count: 1_000)
            let count = 400
            for number in 0..<count {
                sender.say("MSG \(number) \(text)")
                if number.isMultiple(of: 3) { sender.say("DM laggard \(number)") }
                #expect(await sender.line() == "MSG sender \(number) \(text)")
            }
            let expected = (0..<count).flatMap { number in
                ["MSG sender \(number) \(text)"] + (number.isMultiple(of: 3) ? ["DM sender \(number)"] : [])
            }
            #expect(await laggard.lines(expected.count + 1) == ["OK"] + expected)
            sender.say("MSG caught up", "DM laggard at once")
            #expect(await laggard.lines(2) == ["MSG sender caught up", "DM sender at once"])
        }
    }
}
