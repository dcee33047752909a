import ChatState
import FlowControl
import OrderSupport
import Testing

/// Lines that wait for receivers, event loops or tokens.
struct FlowTests {
    private var limits: OrderLimits {
        var limits = OrderLimits()
        limits.roomLog = 1 << 20
        return limits
    }

    private let text = String(repeating: "x", count: 1_000)

    /// Says lines until one waits, and returns how many were said.
    private func flood(_ audience: Audience, _ client: Audience.Client, most: Int = 10_000) -> Int {
        for count in 0..<most {
            audience.say(client, "MSG \(text)")
            if case .waits = client.outcome { return count }
        }
        return most
    }

    @Test("Bulk lines wait for a healthy receiver that lags by half a log, and continue when it lags by less")
    func bulkWaits() {
        let audience = Audience(loops: 1, limits: limits)
        let (sender, receiver) = (audience.connect(as: "sender"), audience.connect(as: "receiver"))
        audience.stalled = [receiver.connection]
        var said = 0
        while audience.turn(of: 0).mayContinue || said == 0 || sender.outcome.isSaid {
            said += flood(audience, sender, most: 10)
            if said > 2_000 { break }
        }
        #expect((512 << 10) / 1_100...(512 << 10) / 900 ~= said)
        audience.stalled = []
        _ = audience.take(receiver)
        #expect(flood(audience, sender, most: 10) == 10)
    }

    @Test("A loop is woken for lines of others after it has learned that its own senders may continue")
    func newsAfterContinuing() {
        let audience = Audience(loops: 2, limits: limits)
        let (sender, other) = (audience.connect(as: "sender"), audience.connect(as: "other"))
        let receiver = audience.connect(as: "receiver")
        audience.stalled = [receiver.connection]
        for _ in 0..<200 {
            _ = flood(audience, sender, most: 20)
            for loop in 0..<2 { audience.turn(of: loop) }
        }
        #expect(!sender.outcome.isSaid)
        audience.stalled = []
        // This loop's own report of the needs of its receivers lets its own sender continue.
        #expect(audience.turn(of: 0).mayContinue)
        audience.say(other, "MSG hello")
        #expect(Array(audience.turn(of: 1).wakes) == [0])
    }

    @Test("When memory is exhausted, one event loop at a time disconnects a connection: the one with the most pending")
    func oneVictim() {
        var limits = limits
        limits.memory = MemoryBudget(limit: 1_000)
        let order = LocalOrder(loops: 3, limits: limits)
        var effects = Effects()
        var readers: [LogReader] = []
        func isChosen(_ loop: Int, pending: Int, victim: Int) -> Bool {
            var report = LoopReport()
            (report.pendingBytes, report.victim) = (pending, victim)
            return order.collect(for: loop, into: &effects, &readers, &report).mustDisconnect
        }
        #expect(!isChosen(0, pending: 600, victim: 0))
        #expect(!isChosen(1, pending: 600, victim: 0))
        // Memory is exhausted, and no loop has a connection to disconnect.
        #expect(!isChosen(2, pending: 0, victim: 0))
        _ = isChosen(1, pending: 600, victim: 500)
        #expect(!isChosen(0, pending: 600, victim: 400))
        #expect(!isChosen(2, pending: 0, victim: 0))
        #expect(isChosen(1, pending: 600, victim: 500))
        // The loop has disconnected it, and memory suffices again.
        #expect(!isChosen(1, pending: 100, victim: 0))
        #expect(!isChosen(0, pending: 600, victim: 400))
        // Then another loop needs more.
        _ = isChosen(2, pending: 500, victim: 300)
        #expect(isChosen(0, pending: 600, victim: 400))
        #expect(!isChosen(2, pending: 500, victim: 300))
    }

    @Test("A typed line does not wait for receivers, and takes tokens that are refilled")
    func typedLineDoesNotWait() {
        let audience = Audience(loops: 1, limits: limits)
        let (sender, receiver) = (audience.connect(as: "sender"), audience.connect(as: "receiver"))
        let typist = audience.connect(as: "typist")
        audience.stalled = [receiver.connection]
        for _ in 0..<200 {
            _ = flood(audience, sender, most: 20)
            audience.turn(of: 0)
        }
        #expect(!sender.outcome.isSaid)
        audience.say(typist, "MSG hello")
        #expect(typist.outcome.isSaid)
        guard case .waits(let instant, _) = sender.outcome else { return }
        audience.now = instant
        audience.say(sender, "MSG short")
        #expect(sender.outcome.isSaid)
    }

    @Test("A direct message waits only until the receiver's loop has tried, and is then delivered or rejected")
    func directMessages() {
        let audience = Audience(loops: 1)
        let (sender, receiver) = (audience.connect(as: "sender"), audience.connect(as: "receiver"))
        audience.stalled = [receiver.connection]
        var said = 0
        while said < 1_000 {
            audience.say(sender, "DM receiver \(text)")
            guard sender.outcome.isSaid else { break }
            said += 1
        }
        #expect(20...40 ~= said)
        #expect(audience.turn(of: 0).mayContinue)
        audience.say(sender, "DM receiver \(text)")
        #expect(sender.outcome.isSaid)
        #expect(audience.take(sender) == ["ERR not-delivered"])
        audience.stalled = []
        #expect(audience.take(receiver).count == said)
        audience.say(sender, "DM receiver again")
        #expect(audience.take(receiver) == ["DM sender again"])
    }

    @Test("A direct message that is tried again for another reason goes on waiting for the receiver's loop")
    func directMessageTriedAgain() {
        let audience = Audience(loops: 2)
        let (sender, receiver) = (audience.connect(as: "sender"), audience.connect(as: "receiver"))
        audience.stalled = [receiver.connection]
        for _ in 0..<1_000 where sender.outcome.isSaid { audience.say(sender, "DM receiver \(text)") }
        for _ in 0..<3 {
            #expect(!sender.outcome.isSaid)
            audience.turn(of: 0)
            audience.say(sender, "DM receiver \(text)")
        }
        audience.turn(of: 1)
        #expect(audience.turn(of: 0).mayContinue)
        audience.say(sender, "DM receiver \(text)")
        #expect(sender.outcome.isSaid)
        #expect(audience.take(sender) == ["ERR not-delivered"])
    }

    @Test("A direct message waits for messages that came with it, although earlier ones were tried meanwhile")
    func directMessagesInPhases() {
        let audience = Audience(loops: 2)
        let (sender, _) = (audience.connect(as: "sender"), audience.connect(as: "receiver"))
        let other = audience.connect(as: "other")
        for _ in 0..<20 {
            audience.say(other, "DM receiver hello")
            audience.collect(of: 1)
            var said = 0
            while said < 1_000, sender.outcome.isSaid {
                audience.say(sender, "DM receiver \(text)")
                said += 1
            }
            // The loop reports that it has tried the first message, and collects the others.
            audience.collect(of: 1)
            audience.say(sender, "DM receiver \(text)")
            #expect(!sender.outcome.isSaid)
            audience.turn(of: 1)
            audience.say(sender, "DM receiver \(text)")
            #expect(sender.outcome.isSaid)
            #expect(audience.take(sender) == [])
        }
    }

    @Test("A full account leaves space for another address")
    func directMessagesOfOthers() {
        let audience = Audience(loops: 1)
        let (sender, other) = (audience.connect(as: "sender"), audience.connect(as: "other"))
        let receiver = audience.connect(as: "receiver")
        audience.stalled = [receiver.connection]
        for _ in 0..<100 {
            audience.say(sender, "DM receiver \(text)")
            audience.turn(of: 0)
        }
        audience.say(other, "DM receiver hello")
        audience.stalled = []
        #expect(audience.take(receiver).last == "DM other hello")
    }

    @Test("Each LOGIN takes a token, whatever its answer: ten at once, and then one in two seconds")
    func loginTokens() {
        let audience = Audience()
        let client = audience.connect()
        for _ in 0..<12 { audience.say(client, "LOGIN <>") }
        #expect(
            audience.take(client) == Array(repeating: "ERR invalid-username", count: 10)
                + Array(repeating: "ERR too-fast", count: 2))
        audience.now += .seconds(2)
        audience.say(client, "LOGIN alice", "LOGIN alice")
        #expect(audience.take(client) == ["OK", "ERR too-fast"])
    }

    @Test("The answer to WHO arrives in pieces, in its place, and without users that leave meanwhile")
    func listInPieces() {
        let audience = Audience(loops: 1)
        let names = (0..<40).map { "user-\($0)" }
        let users = names.map { audience.connect(as: $0) }
        audience.stalled = [users[0].connection]
        audience.say(users[0], "WHO", "PING")
        audience.say(users[1], "MSG after")
        audience.end(users[39])
        audience.stalled = []
        let expected = names.map { "USER \($0)" }
        #expect(audience.take(users[0]) == expected + ["PONG", "MSG user-1 after", "INFO user-39 disconnected"])
    }

    @Test("Tokens of an address are shared by its connections, and outlive them")
    func addressTokens() {
        var limits = limits
        limits.interactiveRate = 1
        let audience = Audience(loops: 1, limits: limits)
        let group = PeerGroup.address(family: 4, bits: 1)
        let receiver = audience.connect(as: "receiver")
        audience.stalled = [receiver.connection]
        let bulk = audience.connect(as: "bulk")
        for _ in 0..<200 {
            _ = flood(audience, bulk, most: 20)
            audience.turn(of: 0)
        }
        // The gate is closed. Each connection alone may say 8 KiB, and all together 256 KiB.
        var said = 0
        for number in 0..<200 {
            let client = audience.connect(of: group)
            audience.say(client, "LOGIN c\(number)")
            let count = flood(audience, client, most: 50)
            said += count
            audience.end(client)
            if count == 0 { break }
        }
        #expect(180...280 ~= said)
    }
}

extension Session.Outcome {
    fileprivate var isSaid: Bool {
        switch self {
        case .continues: true
        case .waits, .ends: false
        }
    }
}
