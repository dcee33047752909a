import ChatProtocol
import EventLoop
import Synchronization
import SystemPackage
import Testing

@testable import ChatRoom
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
        "One who floods gets much of a turn alone, and little while others say something too",
        arguments: PollerKind.allCases)
    func fairShare(_ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let flooder = try bench.connect(saying: "LOGIN flooder\n" + String(repeating: "MSG x\n", count: 20_000))
        _ = try bench.receive(flooder) { $0.hasPrefix("OK\n") }
        try bench.runTurn()
        // To look at a short line costs as much as to deliver it.
        #expect(try bench.received(flooder).utf8.count > 24 << 10)
        let talker = try bench.connect(saying: "LOGIN talker\n")
        _ = try bench.receive(talker) { $0.hasPrefix("OK\n") }
        var floods = 0
        while floods < 5 {
            try bench.say("MSG hello\n", over: talker)
            _ = try bench.received(flooder)
            try bench.runTurn()
            let text = try bench.received(talker)
            #expect(text.contains("MSG talker hello\n"))
            #expect(text.utf8.count < 17 << 10)
            if text.contains("MSG flooder x") { floods += 1 }
        }
        // Its pause ends by itself.
        _ = try bench.receive(talker) { text in
            _ = try? bench.received(flooder)
            return text.contains("MSG flooder x")
        }
    }

    @Test(
        "A receiver that is behind by a quarter of its queue holds up those who flood, and nobody else",
        arguments: PollerKind.allCases)
    func floodsWait(_ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller) { $0.limits.sendQueue = 64 << 10 }
        let talker = try bench.connect(saying: "LOGIN talker\n")
        _ = try bench.receive(talker) { $0 == "OK\n" }
        let (near, slow) = try Socket.pair()
        try near.setSendBufferSize(4_096)
        try bench.say("LOGIN slow\n", over: slow)
        bench.admit(near)
        let lines = 12_000
        let flooder = try bench.connect(saying: "LOGIN flooder\n" + String(repeating: "MSG x\n", count: lines))
        var (floods, turnsWithout) = (0, 0)
        func talk() throws {
            try bench.say("MSG hello\n", over: talker)
            _ = try bench.received(flooder)
            try bench.runTurn()
            let heard = try bench.received(talker).split(separator: "\n")
            #expect(heard.contains("MSG talker hello"))
            let count = heard.count { $0 == "MSG flooder x" }
            floods += count
            turnsWithout = count == 0 ? turnsWithout + 1 : 0
        }
        // A pause for the others' sake is over sooner.
        while turnsWithout < 200 { try talk() }
        #expect(floods < lines / 2)
        func listen() throws {
            _ = try bench.received(flooder)
            try bench.runTurn()
            floods += try bench.received(talker).split(separator: "\n").count { $0 == "MSG flooder x" }
        }
        // Once in a while it goes on all the same.
        let before = floods
        while floods == before { try listen() }
        while floods < lines {
            _ = try bench.received(slow)
            try listen()
        }
    }

    @Test(
        "While receivers are behind, those who flood get what the slowest drain, on all loops that have any together",
        arguments: PollerKind.allCases)
    func floodsShare(_ poller: PollerKind) throws {
        let handles = try (0..<4).map { _ in try WorkerHandle() }
        let bench = try ConnectionBench(poller, index: 3, of: handles, in: Room(loops: 4))
        handles[1].hold.store(Hold.floods.rawValue, ordering: .relaxed)
        let line = "MSG " + String(repeating: "x", count: 100) + "\n"
        let flooder = try bench.connect(saying: "LOGIN flooder\n" + String(repeating: line, count: 1_000))
        func share() throws -> Int {
            // It waits for its turn, has it, and waits again.
            repeat { try bench.runTurn() } while !handles[3].holdsFloods.load(ordering: .relaxed)
            _ = try bench.received(flooder)
            return try bench.receive(flooder) { !$0.isEmpty }.utf8.count
        }
        // But for what it takes to look at each line.
        let minimum = bench.worker.limits.minimumDrain
        #expect(try (minimum / 4 * 3...minimum + 200).contains(share()))
        handles[0].holdsFloods.store(true, ordering: .relaxed)
        #expect(try (minimum / 8 * 3...minimum / 2 + 200).contains(share()))
    }

    @Test("So it is where they are served by another loop", arguments: PollerKind.allCases)
    func fairShareAmongLoops(_ poller: PollerKind) throws {
        let (room, handles) = (Room(loops: 2), [try WorkerHandle(), try WorkerHandle()])
        let benches = try handles.indices.map {
            try ConnectionBench(poller, index: $0, of: handles, in: room)
        }
        let talker = try benches[0].connect(saying: "LOGIN talker\n")
        _ = try benches[0].receive(talker) { $0 == "OK\n" }
        let flooder = try benches[1].connect(saying: "LOGIN flooder\n" + String(repeating: "MSG x\n", count: 12_000))
        for _ in 0..<5 {
            try benches[0].say("PING\n", over: talker)
            try benches[0].runTurn()
            try benches[1].runTurn()
            #expect(try benches[1].received(flooder).utf8.count < 17 << 10)
        }
    }

    @Test(
        "Input that had to wait for its replies' room goes on when there is room, without new input",
        arguments: PollerKind.allCases)
    func pausedInput(_ poller: PollerKind) throws {
        // One turn brings more than the queue holds, which does not make the reader slow.
        let bench = try ConnectionBench(poller) { $0.limits.sendQueue = 32 << 10 }
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
        "One who lags when its name's owner comes gets what it is owed up to there, and its last line",
        arguments: PollerKind.allCases)
    func expelledLaggard(_ poller: PollerKind) throws {
        let room = Room(loops: 1)
        let bench = try ConnectionBench(poller, index: 0, of: [WorkerHandle()], in: room)
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
        let name = try #require(Username("slow"))
        try #require(room.login(name, for: ConnectionID(loop: 0, number: .max), isVerified: true) != nil)
        try bench.say("PING\n", over: alice)
        _ = try bench.receive(alice) { $0.contains("INFO slow disconnected") }
        let told = try bench.receive(slow) { $0.hasSuffix("ERR username-reclaimed\n") }
        let messages = told.split(separator: "\n").filter { $0.hasPrefix("MSG") }
        #expect(messages == (0..<50).map { "MSG alice \($0) \(text)" })
    }

    @Test(
        "That a reader is too slow is decided, and the others are told, without any other event",
        arguments: PollerKind.allCases)
    func tooSlow(_ poller: PollerKind) throws {
        // Less than what is said in one turn: nobody is waited for.
        let bench = try ConnectionBench(poller) { $0.limits.totalSendQueue = 1 << 10 }
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
        // Whole lines, and the reason behind them.
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

    @Test(
        "While everybody waits for a receiver, what comes from one who has ended is discarded all the same",
        arguments: PollerKind.allCases)
    func lingersWhileHeld(_ poller: PollerKind) throws {
        let handles = [try WorkerHandle(), try WorkerHandle()]
        let bench = try ConnectionBench(poller, index: 0, of: handles, in: Room(loops: 2))
        let peer = try bench.connect(saying: "PING\nEXIT\n")
        #expect(try bench.receive(peer) { !$0.isEmpty } == "PONG\n")
        handles[1].hold.store(Hold.everybody.rawValue, ordering: .relaxed)
        try bench.say("MSG unread\n", over: peer)
        while peer.unacknowledgedCount > 0 { try bench.runTurn() }
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
        "What a peer says does not pile up for a loop that is behind, and none of it is lost",
        arguments: PollerKind.allCases)
    func loopBehind(_ poller: PollerKind) throws {
        let room = Room(loops: 2)
        let handles = [try WorkerHandle(), try WorkerHandle()]
        let (ahead, behind) = (
            try ConnectionBench(poller, index: 0, of: handles, in: room),
            try ConnectionBench(poller, index: 1, of: handles, in: room)
        )
        let receiver = try behind.connect(saying: "LOGIN receiver\n")
        _ = try behind.receive(receiver) { $0 == "OK\n" }
        let sender = try ahead.connect(saying: "LOGIN sender\n")
        _ = try ahead.receive(sender) { $0 == "OK\n" }
        let text = String(repeating: "x", count: 1_000)
        var said = 0
        var (echoes, turnsWithout) = (0, 0)
        // The other loop does not turn. The sender reads its echoes, says on, and in the end gets none any more. A pause for
        // the others' sake is over sooner.
        while turnsWithout < 200 {
            while try sender.send(Array("MSG \(said) \(text)\n".utf8).span) != nil { said += 1 }
            handles[0].mailbox.wakeup.wake()
            try ahead.runTurn()
            let news = try ahead.received(sender)
            echoes += news.split(separator: "\n").count
            turnsWithout = news.isEmpty ? turnsWithout + 1 : 0
        }
        #expect(echoes < 1_000)
        // Each wakes the other, and the one ahead reads again: no turn would end otherwise.
        try behind.runTurn()
        var received = try behind.received(receiver)
        while try ahead.received(sender).isEmpty { try ahead.runTurn() }
        while received.split(separator: "\n").count < said + 1 {
            handles[1].mailbox.wakeup.wake()
            try behind.runTurn()
            received += try behind.received(receiver)
            handles[0].mailbox.wakeup.wake()
            try ahead.runTurn()
            _ = try ahead.received(sender)
        }
        let lines = ["INFO sender joined the chat"] + (0..<said).map { "MSG sender \($0) \(text)" }
        #expect(received.split(separator: "\n").map(String.init) == lines)
    }

    @Test(
        "Beyond the limit a bounded number of connections is told so, and the others are closed at once",
        arguments: [(9, "PONG\n"), (10, "ERR too-many-connections\n"), (73, "ERR too-many-connections\n"), (74, nil)])
    func refusals(_ connections: Int, _ answer: String?) throws {
        let handle = try WorkerHandle()
        let bench = try ConnectionBench(.epoll, index: 0, of: [handle], in: Room(loops: 1)) {
            $0.limits.connections = 10
        }
        let bound = try BoundListener(ListenerURL(.plain, host: "127.0.0.1", port: 0), .plain)
        let (peer, admission) = (bound.sockets[0].localAddress, bench.worker.admission)
        for _ in 0..<connections { _ = admission.admit(peer, at: bench.worker.loop.now) }
        let acceptor = Acceptor([handle], admission: admission)
        let (near, far) = try Socket.pair()
        try bench.say("PING\n", over: far)
        acceptor.accept(consume near, from: peer, on: bound, by: bench.worker)
        if let answer {
            #expect(try bench.receive(far) { $0.hasSuffix("\n") } == answer)
        } else {
            #expect(handle.connectionCount.load(ordering: .relaxed) == 0)
            var buffer: [UInt8] = [0]
            var span = buffer.mutableSpan
            #expect(throws: SystemCallError("recv", .connectionReset)) { try far.receive(into: &span) }
        }
    }
}
