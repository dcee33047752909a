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
            $0.limits.totalSendQueue = 4 << 20
        } _: { server in
            let sender = try await server.login("sender")
            var stalled: [TestClient] = []
            for number in 0..<8 {
                stalled.append(try server.joinUnread("stalled-\(number)"))
                #expect(await sender.line() == "INFO stalled-\(number) joined the chat")
            }
            paste(from: sender)
            let received = await sender.lines(Self.paste.count + stalled.count)
            #expect(received.filter { $0.hasPrefix("MSG") } == Self.paste.map { "MSG sender \($0)" })
            #expect(
                Set(received.filter { $0.hasPrefix("INFO") })
                    == Set(stalled.indices.map { "INFO stalled-\($0) disconnected" }))
        }
    }
}
