import ChatProtocol
import ChatServer
import ChatState
import ChatTransport
import FlowControl
import Synchronization
import TestSupport
import Testing

@testable import ChatServer
@testable import EventLoop

/// Receivers that lag, and their effect on others, on one worker whose turns the test runs.
@Suite("Lagging receivers", .timeLimit(.minutes(2)))
struct LaggingReceiverTests {
    private let text = String(repeating: "x", count: 1_000)

    /// Says lines to the room one by one, each of which arrives at the sender.
    private func say(_ count: Int, by sender: BenchPeer, _ name: String, on bench: ConnectionBench) throws {
        for _ in 0..<count {
            try sender.say("MSG \(text)\n")
            while try bench.nextLine(of: sender) != "MSG \(name) \(text)" {}
        }
    }

    @Test("Nothing is left of receivers that fail while they have pending output", arguments: PollerKind.allCases)
    func failing(_ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller) { $0.limits.interactiveRate = 1 << 30 }
        let alice = try bench.login("alice").peer
        let failure = Failure()
        let factory = TransportFactory(.plain) { FailingTransport($0, failure) }
        var ends: [(far: Socket, near: NearEnd)] = []
        for number in 0..<40 {
            let (near, far) = try Socket.pair()
            try near.setSendBufferSize(1)
            try bench.say("LOGIN user\(number)\n", over: far)
            bench.admit(near, factory)
            ends.append((far, NearEnd(near)))
            while try bench.nextLine(of: alice) != "INFO user\(number) joined the chat" {}
        }
        // Some of the work of a turn is left for the next one.
        bench.slowDown(by: .milliseconds(1))
        try alice.say(String(repeating: "MSG \(text)\n", count: 10))
        try bench.runTurn()
        for (far, _) in ends { try bench.say("PING\n", over: far) }
        failure.isThere.store(true, ordering: .relaxed)
        try bench.runTurn()
        bench.slowDown(by: .zero)
        while try bench.nextLine(of: alice) != "INFO user39 disconnected" {}
        try bench.settle()
        #expect(!ends.contains { $0.near.isOpen })
        #expect(bench.connectionCount == 1)
        // The lagging receivers are looked at again.
        for number in 0..<20 {
            let slow = try bench.login("slow\(number)", sendBuffer: 1, seenBy: alice).peer
            try say(10, by: alice, "alice", on: bench)
            slow.vanish()
        }
    }

    /// While `isThere` is set, connections fail without an event that reports it.
    private final class Failure: Sendable {
        let isThere = Atomic(false)
    }

    private final class FailingTransport: Transport {
        private let base: PlainTransport
        private let failure: Failure

        init(_ socket: Socket, _ failure: Failure) {
            base = PlainTransport(socket)
            self.failure = failure
        }

        func read(into buffer: inout MutableSpan<UInt8>) throws(TransportError) -> ReadProgress {
            guard !failure.isThere.load(ordering: .relaxed) else { throw .truncated }
            return try base.read(into: &buffer)
        }

        func establish() -> Completion { base.establish() }
        func refuse() { base.refuse() }
        var peerNames: [String]? { base.peerNames }
        var readsByRecord: Bool { base.readsByRecord }

        /// Treats bytes that were not written as an unfinished record.
        func write(_ bytes: Span<UInt8>) throws(TransportError) -> WriteProgress {
            let progress = try base.write(bytes)
            guard case .bytes(let count) = progress, count < bytes.count else { return progress }
            return .unfinished(count, waits: .writable)
        }

        func shutDown(closes: Bool) throws(TransportError) -> Completion { try base.shutDown(closes: closes) }
    }

    @Test(
        "A direct message to a receiver that is busy with room lines is answered long before it has them",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func directMessageToBusyReceiver(_ transport: TransportKind, _ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller) { $0.limits.interactiveRate = 1 << 30 }
        let alice = try bench.login("alice").peer
        let busy = try bench.login("busy", TLSSetup.of(transport), seenBy: alice).peer
        try say(2_000, by: alice, "alice", on: bench)
        // It takes all that the server sends, which has more for it in each turn.
        for _ in 0..<5 {
            while busy.read() {}
            bench.wake()
            try bench.runTurn()
        }
        while busy.read() {}
        try alice.say(String(repeating: "DM busy \(text)\n", count: 100) + "PING\n")
        var answers: [String] = []
        while answers.last != "PONG" { answers.append(try bench.nextLine(of: alice) { while busy.read() {} }) }
        #expect(Set(answers.dropLast()) == ["ERR not-delivered"])
        #expect(busy.received.count < 1_000_000)
    }

    @Test(
        "A lagging receiver that reads fast gets its part in a turn and no more, also while new lines are sent to others",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func shareOfTurn(_ transport: TransportKind, _ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller) { $0.limits.interactiveRate = 1 << 30 }
        let alice = try bench.login("alice").peer
        let fast = try bench.login("fast", TLSSetup.of(transport), seenBy: alice).peer
        try say(2_000, by: alice, "alice", on: bench)
        while fast.read() {}
        var largest = 0
        while fast.received.count + 5_000 < alice.received.count {
            let before = fast.received.count
            try alice.say("MSG \(text)\n")
            try bench.runTurn()
            while alice.read() {}
            while fast.read() {}
            largest = max(largest, fast.received.count - before)
        }
        #expect(largest <= 64 << 10)
    }

    @Test(
        "While memory is scarce, pasted text waits without work for the server, until its receiver has read",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func pasteWhileMemoryIsScarce(_ transport: TransportKind, _ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller) {
            ($0.limits.roomLog, $0.limits.memory, $0.limits.interactiveRate) = (2 << 20, 600 << 10, 1)
        }
        let alice = try bench.login("alice").peer
        let slow = try bench.login("slow", TLSSetup.of(transport), sendBuffer: 1, seenBy: alice).peer
        var said = 0
        var hasMore = true
        while hasMore, said < 2_000 {
            let before = alice.received.count
            for _ in 0..<20 where (try? alice.say("MSG \(said) \(text)\n")) != nil { said += 1 }
            #expect(try bench.settle() != nil, "Waiting senders cause no work")
            while alice.read() {}
            hasMore = alice.received.count > before
        }
        // Less than half of the log, above which the text would wait anyway.
        #expect(450 << 10..<600 << 10 ~= bench.order.memoryInUse)
        let lines = (0..<said).map { "MSG alice \($0) \(text)" }
        var received: [String] = []
        while received.count < said {
            received.append(try bench.nextLine(of: slow) { while alice.read() {} })
            if received.first == "OK" { received.removeFirst() }
        }
        #expect(received == lines)
    }

    @Test(
        "Bulk text stops waiting for a stalled receiver after 60 s, without any event of that receiver",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func unhealthyByTime(_ transport: TransportKind, _ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller) {
            ($0.limits.roomLog, $0.limits.interactiveRate) = (1 << 20, 1)
        }
        let alice = try bench.login("alice").peer
        let stalled = try bench.login("stalled", TLSSetup.of(transport), sendBuffer: 1, seenBy: alice).peer
        func paste() throws -> Bool {
            let before = alice.received.count
            _ = try? alice.say(String(repeating: "MSG \(text)\n", count: 20))
            try bench.settle()
            while alice.read() {}
            return alice.received.count > before
        }
        while try paste() {}
        let before = alice.received.count
        // Less than the time in the receiver's health bucket.
        bench.pass(.seconds(50))
        #expect(try !paste())
        bench.pass(.seconds(11))
        // Only the receiver's deadline gives the loop work.
        for _ in 0..<10 {
            bench.wake()
            try bench.runTurn()
        }
        while alice.read() {}
        #expect(alice.received.count > before)
        withExtendedLifetime(stalled) {}
    }

    @Test(
        "A receiver that reads steadily while it lags does not stall, however new lines reach it",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func steadyReader(_ transport: TransportKind, _ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller) { $0.limits.interactiveRate = 1 << 30 }
        let alice = try bench.login("alice").peer
        let steady = try bench.login("steady", TLSSetup.of(transport), sendBuffer: 1, seenBy: alice).peer
        try say(200, by: alice, "alice", on: bench)
        for _ in 0..<100 {
            bench.pass(.seconds(20))
            try alice.say("MSG \(text)\n")
            while try bench.nextLine(of: alice) != "MSG alice \(text)" { steady.read(atMost: 1_000) }
            steady.read(atMost: 1_000)
        }
        while try bench.nextLine(of: steady) != "MSG alice \(text)" {}
        try alice.say("WHO\nPING\n")
        var lines: [String] = []
        while lines.last != "PONG" { lines.append(try bench.nextLine(of: alice)) }
        #expect(lines == ["USER alice", "USER steady", "PONG"])
    }

    /// The state of a receiver while its event loop was late.
    enum Meanwhile: CaseIterable {
        case nothing
        /// It lagged before.
        case lagged
        /// Its name was reclaimed.
        case reclaimed
    }

    @Test(
        "A receiver whose event loop was late gets whole lines and the reason, whatever its state meanwhile",
        arguments: TransportKind.allCases, Meanwhile.allCases)
    func lateLoop(_ transport: TransportKind, _ meanwhile: Meanwhile) throws {
        var limits = OrderLimits()
        (limits.roomLog, limits.interactiveRate) = (64 << 10, 1 << 30)
        let order = LocalOrder(loops: 2, limits: limits)
        let handles = [try WorkerHandle(), try WorkerHandle()]
        let benches = try handles.indices.map { index in
            try ConnectionBench(.epoll, index: index, of: handles, order: order) {
                ($0.limits.roomLog, $0.limits.interactiveRate) = (64 << 10, 1 << 30)
            }
        }
        // So that each user stays on its loop.
        handles[0].memberCount.store(2_000, ordering: .relaxed)
        handles[1].memberCount.store(1_000, ordering: .relaxed)
        let receiver = try benches[1].peer(TLSSetup.of(transport), sendBuffer: 1).peer
        try receiver.say("LOGIN receiver\n")
        #expect(try benches[1].nextLine(of: receiver) == "OK")
        handles[0].memberCount.store(0, ordering: .relaxed)
        let sender = try benches[0].login("sender").peer
        // Then the receiver is in the middle of a line.
        try say(meanwhile == .lagged ? 20 : 0, by: sender, "sender", on: benches[0])
        for _ in 0..<5 {
            benches[1].wake()
            try benches[1].runTurn()
        }
        // The other loop does not turn while the room's log grows.
        try say(200, by: sender, "sender", on: benches[0])
        if meanwhile == .reclaimed {
            var owner = Session(
                ConnectionID(loop: 0, number: .max), group: .connection(.max), in: order)
            owner.identify(by: ["receiver"])
            _ = owner.receive(Array("LOGIN receiver".utf8).span, at: benches[0].worker.loop.now.nanoseconds)
        }
        while receiver.ending == nil {
            receiver.read()
            benches[1].wake()
            try benches[1].runTurn()
        }
        #expect(receiver.ending == .inOrder)
        let lines = String(decoding: receiver.received, as: UTF8.self).split(separator: "\n").map(String.init)
        try #require(lines.count >= 2 && lines.first == "OK" && lines.last == "ERR too-slow")
        let whole = ["INFO sender joined the chat"] + Array(repeating: "MSG sender \(text)", count: 220)
        #expect(lines.dropFirst().dropLast().elementsEqual(whole.prefix(lines.count - 2)))
    }

    @Test(
        "While memory is exhausted, a connection with nothing pending is not disconnected",
        arguments: PollerKind.allCases)
    func nothingPending(_ poller: PollerKind) throws {
        let order = LocalOrder(loops: 2, limits: scarceMemory)
        let bench = try ConnectionBench(poller, index: 0, of: [WorkerHandle()], order: order)
        let alice = try bench.login("alice").peer
        let others = try OtherLoop(order)
        others.report(pending: 100 << 20, victim: 0)
        for _ in 0..<20 {
            bench.wake()
            try bench.runTurn()
        }
        try alice.say("PING\n")
        #expect(try bench.nextLine(of: alice) == "PONG")
    }

    @Test(
        "When memory is exhausted again, a loop reports its current largest output, and not an earlier one",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func staleVictim(_ transport: TransportKind, _ poller: PollerKind) throws {
        let order = LocalOrder(loops: 2, limits: scarceMemory)
        let bench = try ConnectionBench(poller, index: 0, of: [WorkerHandle()], order: order)
        let others = try OtherLoop(order)
        let alice = try bench.login("alice").peer
        /// Logs in a user that does not read its replies.
        func login(_ name: String, replies: Int) throws -> BenchPeer {
            let peer = try bench.login(name, TLSSetup.of(transport), sendBuffer: 1, seenBy: alice).peer
            try peer.say(String(repeating: "HELP\n", count: replies))
            try bench.settle()
            return peer
        }
        func turns() throws {
            for _ in 0..<10 {
                bench.wake()
                try bench.runTurn()
            }
        }
        let large = try login("large", replies: 100)
        // This loop has pending output, and the other loop has more.
        others.report(pending: 100 << 20, victim: 1 << 30)
        try turns()
        others.report(pending: 0, victim: 0)
        while large.received.count < 3 + 100 * Reply.help.bytes.count {
            large.read()
            try turns()
        }
        let small = try login("small", replies: 30)
        // The other loop has more pending output than this loop has now, and less than this loop had before.
        others.report(pending: 100 << 20, victim: 100 * Reply.help.bytes.count / 2)
        try turns()
        others.report(pending: 0, victim: 0)
        try turns()
        try alice.say("WHO\nPING\n")
        var lines: [String] = []
        while lines.last != "PONG" { lines.append(try bench.nextLine(of: alice)) }
        #expect(lines.suffix(4) == ["USER alice", "USER large", "USER small", "PONG"])
        withExtendedLifetime(small) {}
    }

    private var scarceMemory: OrderLimits {
        var limits = OrderLimits()
        (limits.roomLog, limits.memory) = (64 << 10, MemoryBudget(limit: 1 << 20))
        return limits
    }

    /// The order's second event loop, of which only the reports exist.
    private final class OtherLoop {
        private let order: LocalOrder
        private var effects = Effects()
        private var readers: [LogReader] = []

        init(_ order: LocalOrder) throws { self.order = order }

        func report(pending: Int, victim: Int) {
            var report = LoopReport()
            (report.pendingBytes, report.victim) = (pending, victim)
            _ = order.collect(for: 1, into: &effects, &readers, &report)
            effects.reset()
        }
    }
}
