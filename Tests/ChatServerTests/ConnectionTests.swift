import ChatProtocol
import ChatState
import EventLoop
import FlowControl
import Synchronization
import SystemPackage
import Testing

@testable import ChatServer

struct ConnectionTests {
    @Test("What a client said before it vanished is said, though no reply reaches it", arguments: PollerKind.allCases)
    func deaf(_ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let alice = try bench.connect(saying: "LOGIN alice\n")
        _ = try bench.receive(alice) { $0 == "OK\n" }
        // More than one read: a reply fails before the last line is read.
        let lines = (0..<3_000).map { "MSG line \($0)\n" }
        let (near, far) = try Socket.pair()
        try bench.say("LOGIN bot\n" + lines.joined(), over: far)
        _ = consume far
        bench.admit(near)
        let text = try bench.receive(alice) { $0.hasSuffix("INFO bot disconnected\n") }
        let said = lines.map { $0.replacing("MSG", with: "MSG bot") }.joined()
        #expect(text == "INFO bot joined the chat\n" + said + "INFO bot disconnected\n")
    }

    @Test("Where many say more than a turn takes, each is heard to the end", arguments: PollerKind.allCases)
    func manyFloods(_ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let alice = try bench.connect(saying: "LOGIN alice\n")
        _ = try bench.receive(alice) { $0 == "OK\n" }
        // Each says more than its share of a turn, and their shares are more than a turn takes in all.
        let (talkers, lines) = (8, 12_000)
        var ends: [Socket] = []
        for number in 0..<talkers {
            let (near, far) = try Socket.pair()
            try bench.say("LOGIN t\(number)\n" + String(repeating: "MSG x\n", count: lines), over: far)
            ends.append(far)
            bench.admit(near)
        }
        let length = talkers * ("INFO t0 joined the chat\n".utf8.count + lines * "MSG t0 x\n".utf8.count)
        let text = try bench.receive(alice) { text in
            for end in ends { _ = try? bench.received(end) }
            return text.utf8.count == length
        }
        for number in 0..<talkers {
            #expect(text.split(separator: "\n").count { $0 == "MSG t\(number) x" } == lines)
        }
    }

    @Test(
        "Input that had to wait for its replies' room goes on when there is room, without new input",
        arguments: PollerKind.allCases)
    func pausedInput(_ poller: PollerKind) throws {
        // One turn brings more than the queue holds, which does not make the reader slow.
        let bench = try ConnectionBench(poller) { $0.limits.roomLog = 1 << 20 }
        let (near, client) = try Socket.pair()
        try near.setSendBufferSize(4_096)
        let count = 2_000
        try bench.say(String(repeating: "HELP\n", count: count), over: client)
        bench.admit(near)
        let reply = String(decoding: Reply.help.bytes, as: UTF8.self)
        let text = try bench.receive(client) { $0.utf8.count >= count * reply.utf8.count }
        #expect(text == String(repeating: reply, count: count))
    }

    @Test(
        "A silent user ends where an idle limit is set; one who says something does not", arguments: PollerKind.allCases
    )
    func idle(_ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller) { $0.limits.idleTimeout = .milliseconds(50) }
        let busy = try bench.connect(saying: "LOGIN busy\n")
        let silent = try bench.connect(saying: "LOGIN silent\n")
        var text = ""
        while !text.contains("INFO silent disconnected\n") {
            // Read in the next turn before any deadline is looked at.
            try bench.say("PING\n", over: busy)
            try bench.runTurn()
            text += try bench.received(busy)
        }
        #expect(!text.contains("ERR"))
        #expect(try bench.received(silent) == "OK\nERR idle-timeout\n")
    }

    @Test("What one turn decides for a receiver leaves in one piece, and at once", arguments: PollerKind.allCases)
    func coalescing(_ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let users = try ["a", "b", "c"].map { try bench.connect(saying: "LOGIN \($0)\n") }
        for user in users { _ = try bench.receive(user) { $0.contains("OK\n") } }
        for user in users { try bench.say("MSG 1\nMSG 2\n", over: user) }
        for user in users { _ = try bench.received(user) }
        try bench.runTurn()
        for user in users {
            // One write each: a receive takes what several writes would have brought, but they are all there.
            #expect(try bench.received(user).split(separator: "\n").count == 6)
        }
    }

    @Test(
        "Connections that end before or in the middle of their first line leave no ghost",
        arguments: PollerKind.allCases)
    func ghosts(_ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let alice = try bench.connect(saying: "LOGIN alice\n")
        _ = try bench.receive(alice) { $0 == "OK\n" }
        for round in 0..<200 {
            _ = try bench.connect(saying: round.isMultiple(of: 2) ? "LOGIN ghost\n" : "LOGIN gho")
            try bench.runTurn()
        }
        // Behind the turns in which the last of them went.
        for _ in 0..<3 {
            try bench.say("PING\n", over: alice)
            _ = try bench.receive(alice) { $0.contains("PONG\n") }
        }
        try bench.say("WHO\nPING\n", over: alice)
        #expect(try bench.receive(alice) { $0.contains("PONG\n") } == "USER alice\nPONG\n")
    }

    @Test(
        "A lagging user whose name is reclaimed gets everything up to there, and its last line",
        arguments: PollerKind.allCases)
    func expelledWhileLagging(_ poller: PollerKind) throws {
        let order = LocalOrder(loops: 1)
        let bench = try ConnectionBench(poller, index: 0, of: [WorkerHandle()], order: order)
        let alice = try bench.connect(saying: "LOGIN alice\n")
        _ = try bench.receive(alice) { $0 == "OK\n" }
        let (near, slow) = try Socket.pair()
        try near.setSendBufferSize(4_096)
        try bench.say("LOGIN slow\n", over: slow)
        bench.admit(near)
        _ = try bench.receive(alice) { $0.contains("INFO slow joined") }
        let text = String(repeating: "x", count: 1_000)
        for number in 0..<50 {
            try bench.say("MSG \(number) \(text)\n", over: alice)
            _ = try bench.receive(alice) { $0.hasSuffix("x\n") }
        }
        var owner = Session(
            ConnectionID(loop: 0, number: .max), group: .connection(.max), in: order)
        owner.identify(by: ["slow"])
        _ = owner.receive(Array("LOGIN slow".utf8).span, at: 1)
        try bench.say("PING\n", over: alice)
        _ = try bench.receive(alice) { $0.contains("INFO slow disconnected") }
        let told = try bench.receive(slow) { $0.hasSuffix("ERR username-reclaimed\n") }
        let messages = told.split(separator: "\n").filter { $0.hasPrefix("MSG") }
        #expect(messages == (0..<50).map { "MSG alice \($0) \(text)" })
    }

    @Test(
        "A receiver that acknowledges nothing is disconnected at its time, without any other event",
        arguments: PollerKind.allCases)
    func stalled(_ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller) { $0.limits.stallTimeout = .milliseconds(50) }
        let alice = try bench.connect(saying: "LOGIN alice\n")
        _ = try bench.receive(alice) { $0 == "OK\n" }
        let (near, slow) = try Socket.pair()
        try near.setSendBufferSize(4_096)
        try bench.say("LOGIN slow\n", over: slow)
        bench.admit(near)
        _ = try bench.receive(alice) { $0.contains("INFO slow joined") }
        let line = "MSG " + String(repeating: "x", count: 4_000) + "\n"
        try bench.say(String(repeating: line, count: 3), over: alice)
        let received = try bench.receive(alice) { $0.contains("INFO") }
        #expect(received.hasSuffix("INFO slow disconnected\n"))
        // Whole lines, and then the reason.
        let lines = try bench.receive(slow) { $0.hasSuffix("ERR too-slow\n") }.split(separator: "\n").dropLast()
        #expect(lines.dropFirst().allSatisfy { $0 == line.replacing("MSG", with: "MSG alice").dropLast() })
    }

    @Test(
        "A peer that says more behind the end is not reset: it may not have read what it was sent",
        arguments: PollerKind.allCases)
    func lingering(_ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let peer = try bench.connect(saying: "PING\nEXIT\n")
        #expect(try bench.receive(peer) { !$0.isEmpty } == "PONG\n")
        for _ in 0..<3 {
            try bench.say("MSG unread\n", over: peer)
            try bench.runTurn()
        }
    }

    @Test("Lines that lead to nothing have their share of a turn as well", arguments: PollerKind.allCases)
    func blankLines(_ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let flooder = try bench.connect(saying: String(repeating: "\n", count: 30_000) + "PING\n")
        var turns = 0
        while try bench.received(flooder).isEmpty {
            try bench.runTurn()
            turns += 1
        }
        #expect(turns > 5)
    }

    @Test("A reader that vanishes while much waits for it leaves no ghost", arguments: PollerKind.allCases)
    func vanishedReader(_ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let alice = try bench.connect(saying: "LOGIN alice\n")
        _ = try bench.receive(alice) { $0 == "OK\n" }
        do {
            let (near, far) = try Socket.pair()
            try near.setSendBufferSize(4_096)
            try bench.say("LOGIN bob\n" + String(repeating: "HELP\n", count: 100), over: far)
            bench.admit(near)
            _ = try bench.receive(alice) { $0.contains("INFO bob joined") }
        }
        #expect(try bench.receive(alice) { $0.contains("INFO bob disconnected") } == "INFO bob disconnected\n")
    }

    @Test(
        "Pasted lines do not pile up for a loop that is late, and none of them is lost",
        arguments: PollerKind.allCases)
    func lateLoop(_ poller: PollerKind) throws {
        var limits = OrderLimits()
        limits.roomLog = 1 << 20
        let order = LocalOrder(loops: 2, limits: limits)
        let handles = [try WorkerHandle(), try WorkerHandle()]
        // So that each connection stays where it is.
        handles[0].memberCount.store(1_000, ordering: .relaxed)
        handles[1].memberCount.store(1_000, ordering: .relaxed)
        let (ahead, late) = (
            try ConnectionBench(poller, index: 0, of: handles, order: order),
            try ConnectionBench(poller, index: 1, of: handles, order: order)
        )
        handles[0].memberCount.store(2_000, ordering: .relaxed)
        let receiver = try late.connect(saying: "LOGIN receiver\n")
        _ = try late.receive(receiver) { $0 == "OK\n" }
        handles[0].memberCount.store(0, ordering: .relaxed)
        let sender = try ahead.connect(saying: "LOGIN sender\n")
        _ = try ahead.receive(sender) { $0 == "OK\n" }
        let text = String(repeating: "x", count: 1_000)
        var said = 0
        var (echoes, turnsWithout) = (0, 0)
        // The other loop does not turn. The sender reads its echoes, sends more, and in the end gets none any more.
        while turnsWithout < 50 {
            while try sender.send(Array("MSG \(said) \(text)\n".utf8).span) != nil { said += 1 }
            handles[0].mailbox.wakeup.wake()
            try ahead.runTurn()
            let news = try ahead.received(sender)
            echoes += news.split(separator: "\n").count
            turnsWithout = news.isEmpty ? turnsWithout + 1 : 0
        }
        #expect(echoes < 1_000)
        var received = ""
        while received.split(separator: "\n").count < said + 1 {
            handles[1].mailbox.wakeup.wake()
            try late.runTurn()
            received += try late.received(receiver)
            handles[0].mailbox.wakeup.wake()
            try ahead.runTurn()
            _ = try ahead.received(sender)
        }
        let lines = ["INFO sender joined the chat"] + (0..<said).map { "MSG sender \($0) \(text)" }
        #expect(received.split(separator: "\n").map(String.init) == lines)
    }

    @Test(
        "At its LOGIN a connection moves to the loop that has the members, with everything that it has sent and is to get",
        arguments: PollerKind.allCases)
    func moves(_ poller: PollerKind) throws {
        let order = LocalOrder(loops: 2)
        let handles = [try WorkerHandle(), try WorkerHandle()]
        let benches = try handles.indices.map { try ConnectionBench(poller, index: $0, of: handles, order: order) }
        func turn() throws {
            for (bench, handle) in zip(benches, handles) {
                handle.mailbox.wakeup.wake()
                try bench.runTurn()
            }
        }
        let alice = try benches[0].connect(saying: "LOGIN alice\n")
        _ = try benches[0].receive(alice) { $0 == "OK\n" }
        let bob = try benches[1].connect(saying: "PING\nLOGIN bob\nMSG hello\nWHO\n")
        var received = ""
        while !received.hasSuffix("USER bob\n") {
            try turn()
            received += try benches[0].received(bob)
        }
        #expect(received == "PONG\nOK\nMSG bob hello\nUSER alice\nUSER bob\n")
        #expect(handles.map { $0.memberCount.load(ordering: .relaxed) } == [2, 0])
        try benches[0].say("MSG at once\n", over: alice)
        _ = try benches[0].received(alice)
        try benches[0].runTurn()
        #expect(try benches[0].received(bob) == "MSG alice at once\n")
        try benches[0].say("EXIT\n", over: bob)
        var left = ""
        while !left.hasSuffix("INFO bob disconnected\n") {
            try turn()
            left += try benches[0].received(alice)
        }
    }

    @Test(
        "While its own replies are pending, the name of a client that vanishes is free at once",
        arguments: PollerKind.allCases)
    func hangUpWhilePaused(_ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let alice = try bench.connect(saying: "LOGIN alice\n")
        _ = try bench.receive(alice) { $0 == "OK\n" }
        let (near, far) = try Socket.pair()
        try near.setSendBufferSize(4_096)
        try bench.say("LOGIN bob\n" + String(repeating: "HELP\n", count: 2_000), over: far)
        bench.admit(near)
        _ = try bench.receive(alice) { $0.contains("INFO bob joined") }
        for _ in 0..<50 {
            bench.wake()
            try bench.runTurn()
        }
        _ = consume far
        #expect(try bench.receive(alice) { $0.contains("INFO bob disconnected") } == "INFO bob disconnected\n")
    }

    @Test(
        "Beyond the limit a bounded number of connections is told so, and the others are closed at once",
        arguments: [(9, "PONG\n"), (10, "ERR too-many-connections\n"), (73, "ERR too-many-connections\n"), (74, nil)])
    func refusals(_ connections: Int, _ answer: String?) throws {
        let handle = try WorkerHandle()
        let bench = try ConnectionBench(.epoll, index: 0, of: [handle], order: nil) {
            $0.limits.connections = 10
        }
        let bound = try BoundListener(ListenerURL(.plain, host: "127.0.0.1", port: 0), .plain)
        let (peer, admission) = (bound.sockets[0].localAddress, bench.admission)
        for _ in 0..<connections { _ = admission.admit(.connection(0), at: bench.worker.loop.now) }
        let acceptor = Acceptor([handle], admission: admission, limits: bench.worker.limits)
        let (near, far) = try Socket.pair()
        try bench.say("PING\n", over: far)
        acceptor.accept(consume near, from: peer, on: bound, by: bench.worker)
        if let answer {
            #expect(try bench.receive(far) { $0.hasSuffix("\n") } == answer)
        } else {
            #expect(handle.load == 0)
            var buffer: [UInt8] = [0]
            var span = buffer.mutableSpan
            #expect(throws: SystemCallError("recv", .connectionReset)) { try far.receive(into: &span) }
        }
    }
}
