import ChatProtocol
import ChatServer
import ChatState
import FlowControl
import TestSupport
import Testing

@testable import EventLoop

/// What the product does not do yet.
@Suite("Known defects", .timeLimit(.minutes(2)))
struct KnownDefectTests {
    private func setup(_ transport: TransportKind) throws -> TLSSetup? {
        transport == .tls ? try TLSSetup() : nil
    }

    @Test(
        "A flood that never becomes a LOGIN does not put off the end of the time for it",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func floodWithoutLogin(_ transport: TransportKind, _ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let peer = try bench.peer(setup(transport)).peer
        // More than is read of it in a turn, in each turn.
        for _ in 0..<100 where peer.ending == nil {
            while (try? peer.say(String(repeating: "\n", count: 10_000) + "PING\n")) != nil {}
            bench.wake()
            try bench.runTurn()
            while peer.read() {}
            bench.pass(.seconds(1))
        }
        #expect(String(decoding: peer.received.suffix(18), as: UTF8.self) == "ERR login-timeout\n")
    }

    @Test(
        "The last line comes once, also if those whom an unfinished WHO has not listed have left meanwhile",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func lastLineAfterEmptyList(_ transport: TransportKind, _ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let alice = try bench.login("alice").peer
        // By the lengths of these names, the first piece of the list is as large as what is sent at once.
        let user = try bench.login("user-with-a-nam", setup(transport), seenBy: alice).peer
        var guests: [Session] = []
        for number in 100..<1_000 {
            let guest = Session(
                ConnectionID(loop: 0, number: .max - UInt64(number)), group: .connection(0), in: bench.order,
                interactiveRate: 1 << 30)
            let line = Array("LOGIN guest-with-a-long-name-\(number)".utf8)
            _ = guest.receive(line.span, at: bench.worker.loop.now.nanoseconds)
            guests.append(guest)
        }
        try bench.settle()
        // The server answers a request by HTTP and closes.
        try user.say("WHO\nGET / HTTP/1.1\n")
        while try bench.nextLine(of: alice) != "INFO user-with-a-nam disconnected" {}
        for guest in guests.dropFirst(511) { guest.end() }
        while user.ending == nil, user.received.count < 300_000 {
            user.read()
            bench.wake()
            try bench.runTurn()
        }
        let lines = String(decoding: user.received, as: UTF8.self).split(separator: "\n")
        #expect(lines.count { $0 == "ERR unknown-command" } == 1)
        #expect(user.ending == .inOrder)
    }

    @Test(
        "A line that waits for tokens is tried when they are there, though its sender is just being sent something",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func tokensOfLaggingSender(_ transport: TransportKind, _ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller) { $0.limits.roomLog = 1 << 20 }
        let tls = try setup(transport)
        let witness = try bench.login("witness").peer
        let sender = try bench.login("sender", tls, sendBuffer: 1, seenBy: witness).peer
        let stalled = try bench.login("stalled", tls, sendBuffer: 1, seenBy: witness).peer
        let text = String(repeating: "x", count: 1_000)
        func hasProgress() throws -> Bool {
            let before = witness.received.count
            try bench.settle()
            while sender.read() { try bench.settle() }
            while witness.read() {}
            return witness.received.count > before
        }
        // Until it waits for the stalled receiver, or for tokens.
        repeat { _ = try? sender.say(String(repeating: "MSG \(text)\n", count: 20)) } while try hasProgress()
        try witness.say(String(repeating: "MSG \(text)\n", count: 6))
        try bench.settle()
        while witness.read() {}
        let before = witness.received.count
        // The tokens are there, and in the same turn the sender's socket takes more of what it is sent.
        bench.pass(.seconds(10))
        sender.read()
        bench.wake()
        try bench.runTurn()
        try bench.settle()
        while witness.read() {}
        #expect(witness.received.count > before)
        withExtendedLifetime(stalled) {}
    }
}
