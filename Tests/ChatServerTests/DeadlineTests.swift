import ChatProtocol
import ChatState
import TestSupport
import Testing

@testable import ChatServer
@testable import EventLoop

/// Deadlines of connections, on one worker whose clock the test advances.
@Suite("Deadlines", .timeLimit(.minutes(2)))
struct DeadlineTests {
    @Test(
        "Lines without a successful LOGIN do not extend the time for a LOGIN",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func noLogin(_ transport: TransportKind, _ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let peer = try bench.peer(TLSSetup.of(transport)).peer
        for _ in 0..<70 where peer.ending == nil {
            _ = try? peer.say("PING\nLOGIN <>\nMSG x\n")
            try bench.settle()
            while peer.read() {}
            bench.pass(.seconds(1))
        }
        #expect(String(decoding: peer.received, as: UTF8.self).hasSuffix("\nERR login-timeout\n"))
    }

    @Test(
        "Replies that are not read do not extend the time for a LOGIN",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func unreadReplies(_ transport: TransportKind, _ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let (peer, near) = try bench.peer(TLSSetup.of(transport), sendBuffer: 1)
        try peer.say(String(repeating: "HELP\n", count: 2_000))
        for _ in 0..<70 {
            try bench.settle()
            bench.pass(.seconds(1))
        }
        while peer.ending == nil {
            while peer.read() {}
            bench.wake()
            try bench.runTurn()
        }
        #expect(String(decoding: peer.received, as: UTF8.self).hasSuffix("\nERR login-timeout\n"))
        #expect(peer.ending == .inOrder)
        // The server has not read the lines after that many replies.
        #expect(peer.received.count < 1_000 * Reply.help.bytes.count)
        peer.vanish()
        try bench.settle()
        #expect(!near.isOpen)
    }

    @Test(
        "A LOGIN that has come in time counts, although the server reads it later",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func loginInQueue(_ transport: TransportKind, _ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let tls = try TLSSetup.of(transport)
        // Each takes the whole share of a turn for connections before their LOGIN.
        let expensive = "LOGIN " + String(repeating: "\u{FDFA}", count: 300) + "\n"
        let peers = try (0..<10).map { _ in try bench.peer(tls).peer }
        let late = try bench.peer(tls).peer
        for peer in peers { try peer.say(String(repeating: expensive, count: 3)) }
        try late.say("LOGIN late\n")
        bench.pass(.seconds(61))
        try bench.settle()
        while late.read() {}
        #expect(late.takeLine() == "OK")
        #expect(late.ending == nil)
        withExtendedLifetime(peers) {}
    }

    @Test("A LOGIN that has come in time counts, although another event loop serves it", arguments: PollerKind.allCases)
    func loginMoves(_ poller: PollerKind) throws {
        let order = LocalOrder(loops: 2)
        let handles = [try WorkerHandle(), try WorkerHandle()]
        let benches = try handles.indices.map { try ConnectionBench(poller, index: $0, of: handles, order: order) }
        // Together they take more than the share of a turn for connections before their LOGIN.
        let blank = String(repeating: "\n", count: 10_000)
        let peers = try (0..<100).map { _ in try benches[1].connect() }
        let late = try benches[1].connect()
        for peer in peers { try benches[1].say(blank, over: peer) }
        try benches[1].say("LOGIN late\n", over: late)
        for bench in benches { bench.pass(.seconds(61)) }
        var received = ""
        for _ in 0..<100 where !received.hasSuffix("\n") {
            for bench in benches {
                bench.wake()
                try bench.runTurn()
            }
            received += try benches[0].received(late)
        }
        #expect(received == "OK\n")
        withExtendedLifetime(peers) {}
    }

    @Test(
        "A line that waits for tokens is tried when they are there, and keeps no other deadline from passing",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func tokens(_ transport: TransportKind, _ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller) {
            ($0.limits.roomLog, $0.limits.loginTimeout) = (1 << 20, .seconds(20))
        }
        let tls = try TLSSetup.of(transport)
        let alice = try bench.login("alice").peer
        let slow = try bench.login("slow", tls, sendBuffer: 1, seenBy: alice).peer
        let line = "MSG " + String(repeating: "x", count: 1_000) + "\n"
        func hasProgress() throws -> Bool {
            let before = alice.received.count
            try bench.settle()
            while alice.read() {}
            return alice.received.count > before
        }
        repeat { _ = try? alice.say(String(repeating: line, count: 20)) } while try hasProgress()
        let stranger = try bench.peer(tls).peer
        try bench.settle()
        // The tokens are refilled before the sender stops waiting for the receiver.
        bench.pass(.seconds(21))
        for _ in 0..<2 {
            bench.wake()
            try bench.runTurn()
        }
        stranger.read()
        #expect(stranger.takeLine() == "ERR login-timeout")
        #expect(try hasProgress())
        withExtendedLifetime(slow) {}
    }

    @Test(
        "Endless input without a LOGIN does not extend the time for a LOGIN",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func floodWithoutLogin(_ transport: TransportKind, _ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let peer = try bench.peer(TLSSetup.of(transport)).peer
        // In each turn, more input than a turn reads.
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
        "A line that waits for tokens is tried when they are there, even while output is sent to its sender",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func tokensOfLaggingSender(_ transport: TransportKind, _ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller) { $0.limits.roomLog = 1 << 20 }
        let tls = try TLSSetup.of(transport)
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
        // Until the sender waits for the stalled receiver, or for tokens.
        repeat { _ = try? sender.say(String(repeating: "MSG \(text)\n", count: 20)) } while try hasProgress()
        try witness.say(String(repeating: "MSG \(text)\n", count: 6))
        try bench.settle()
        while witness.read() {}
        let before = witness.received.count
        // The tokens are there, and in the same turn the sender's socket takes more of its output.
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
