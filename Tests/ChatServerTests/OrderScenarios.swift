import TestSupport
import Testing

/// The promise of one order, with many who speak at once on several event loops.
@Suite("One order", .timeLimit(.minutes(2)))
struct OrderScenarios {
    @Test(
        "50 senders and 200 receivers at once: every receiver's lines are the same sequence", arguments: Deployment.all)
    func oneOrder(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let (senderCount, lineCount) = (50, 100)
            var receivers: [TestClient] = []
            for index in 0..<200 { receivers.append(try await server.login("receiver\(index)")) }
            var senders: [TestClient] = []
            for index in 0..<senderCount { senders.append(try await server.login("sender\(index)")) }
            receivers[0].say("MSG start")
            for sender in senders { _ = await sender.bytes(through: "MSG receiver0 start\n") }
            for (index, sender) in senders.enumerated() {
                let lines = (0..<lineCount).map { "MSG \(index)/\($0)\n" }
                sender.sendInBackground(lines.joined() + "DM receiver0 done\n")
            }
            // Each sender's DM is decided behind its last line, so behind all of them comes the end.
            var done = 0
            var first: [String] = []
            while done < senderCount, let line = await receivers[0].line() {
                if line.hasSuffix(" done") { done += 1 } else { first.append(line) }
            }
            receivers[0].say("MSG end")
            let end = "MSG receiver0 end\n"
            first += String(decoding: await receivers[0].bytes(through: end), as: UTF8.self)
                .split(separator: "\n").map(String.init)
            let sequence = Array(first.drop { $0 != "MSG receiver0 start" }.dropFirst())
            #expect(sequence.count == senderCount * lineCount + 1)
            for (index, _) in senders.enumerated() {
                let own = sequence.filter { $0.hasPrefix("MSG sender\(index) ") }
                #expect(own == (0..<lineCount).map { "MSG sender\(index) \(index)/\($0)" })
            }
            let expected = Array(sequence.map { $0 + "\n" }.joined().utf8)
            for receiver in receivers.dropFirst() {
                _ = await receiver.bytes(through: "MSG receiver0 start\n")
                #expect(await receiver.bytes(through: end) == expected)
            }
            for sender in senders { #expect(await sender.bytes(through: end) == expected) }
        }
    }
}
