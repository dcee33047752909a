import ChatProtocol
import ChatServer
import ChatState
import EventLoop
import FlowControl
import TestSupport
import Testing

/// The output of a receiver that reads a little at a time, through the smallest send buffer, compared with an oracle.
///
/// Most writes end in the middle of a line, and over TLS in the middle of a record.
@Suite("Delivery", .timeLimit(.minutes(2)))
struct DeliveryTests {
    /// A chat around a receiver. Each step is decided before the next begins, so that there is one right stream for it.
    private final class Chat {
        let bench: ConnectionBench
        let tls: TLSSetup?
        let alice: BenchPeer
        private(set) var slow: BenchPeer
        private(set) var near: NearEnd
        var random: SeededGenerator
        /// The bytes that the receiver has to get.
        private(set) var expected = Array("OK\n".utf8)
        /// The other users were told that the receiver has gone.
        private(set) var isGone = false
        /// The most that the receiver reads after a turn, 0 for nothing.
        var appetite = 2_000
        private var users = ["alice"]
        private var guests: [(name: String, session: Session)] = []
        private let guestsLeave: Bool
        /// Without direct messages, a receiver that lags often has only room lines pending.
        private let hasDirectMessages: Bool
        private var number = 0

        init(
            _ poller: PollerKind, _ transport: TransportKind, _ random: SeededGenerator,
            _ adjust: (inout Limits) -> Void = { _ in }
        ) throws {
            self.random = random
            bench = try ConnectionBench(poller) {
                $0.limits.interactiveRate = 1 << 30
                adjust(&$0.limits)
            }
            tls = try TLSSetup.of(transport)
            alice = try bench.login("alice").peer
            guestsLeave = Bool.random(using: &self.random)
            hasDirectMessages = Bool.random(using: &self.random)
            (slow, near) = try bench.login("slow", tls, sendBuffer: 1, seenBy: alice)
            users.append("slow")
            // With 450 guests, WHO produces several pieces. No guest leaves then, so that the list is always the same.
            for _ in 0..<(guestsLeave ? 3 : 450) { try addGuest() }
        }

        /// One thing that happens in the chat, and turns until it was decided.
        func step() throws {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6: try converse()
            case 6..<8: try command()
            case 8: try addGuest()
            default: if guestsLeave { try removeGuest() }
            }
            if Int.random(in: 0..<4, using: &random) == 0 { appetite = [0, 300, 5_000].randomElement(using: &random)! }
        }

        /// Lines for the room and direct messages, some at once.
        private func converse() throws {
            var lines: [(text: String, isDirect: Bool)] = []
            // More text at once would be pasted text.
            var size = 0
            for _ in 0..<Int.random(in: 1...5, using: &random) where size < 7_000 {
                number += 1
                let length = Int.random(in: 0...[10, 4_000].randomElement(using: &random)!, using: &random)
                let isDirect = hasDirectMessages && Bool.random(using: &random)
                size += length + 100
                lines.append(("\(number) \(String(repeating: "x", count: length))|", isDirect))
            }
            try alice.say(lines.map { $0.isDirect ? "DM slow \($0.text)\nPING\n" : "MSG \($0.text)\n" }.joined())
            for (text, isDirect) in lines {
                let line = try nextLine()
                if !isDirect {
                    try #require(line == "MSG alice \(text)")
                    expect(line)
                } else if line == "PONG" {
                    expect("DM alice \(text)")
                } else {
                    try #require(line == "ERR not-delivered" || isGone && line == "ERR user-not-found")
                    try #require(try nextLine() == "PONG")
                }
            }
        }

        /// Sends commands of the receiver, then a line, which others see once the commands were answered.
        private func command() throws {
            guard !isGone else { return }
            number += 1
            var commands = ""
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                if Bool.random(using: &random) {
                    commands += "PING\n"
                    expect("PONG")
                } else {
                    commands += "WHO\n"
                    for user in users { expect("USER \(user)") }
                }
            }
            try slow.say(commands + "MSG \(number)\n")
            // It is not read while too many of its replies are pending.
            appetite = max(appetite, 2_000)
            let line = try nextLine(orGone: true)
            guard line != nil else { return }
            try #require(line == "MSG slow \(number)")
            expect("MSG slow \(number)")
        }

        private func addGuest() throws {
            number += 1
            var guest = Session(
                ConnectionID(loop: 0, number: .max - UInt64(number)), group: .connection(0), in: bench.order)
            let name = "guest-\(number)-\(String(repeating: "n", count: 18))"
            receive("LOGIN \(name)", by: &guest)
            guests.append((name, guest))
            users.append(name)
            try #require(try nextLine() == "INFO \(name) joined the chat")
            expect("INFO \(name) joined the chat")
        }

        private func removeGuest() throws {
            guard let place = guests.indices.randomElement(using: &random) else { return }
            var (name, guest) = guests.remove(at: place)
            receive("EXIT", by: &guest)
            users.removeAll { $0 == name }
            try #require(try nextLine() == "INFO \(name) disconnected")
            expect("INFO \(name) disconnected")
        }

        /// The owner of the receiver's name takes it back.
        func reclaim() throws {
            number += 1
            var owner = Session(
                ConnectionID(loop: 0, number: .max - UInt64(number)), group: .connection(0), in: bench.order)
            owner.identify(by: ["slow"])
            receive("LOGIN slow", by: &owner)
            try #require(try nextLine(orGone: true) == nil)
            #expect(try nextLine() == "INFO slow joined the chat")
            owner.end()
            isGone = false
            try #require(try nextLine(orGone: true) == nil)
        }

        /// The receiver reads, a little at a time, until `condition` holds.
        func read(until condition: (BenchPeer) -> Bool) throws {
            appetite = 3_000
            while !condition(slow) {
                if slow.read(atMost: .random(in: 1...appetite, using: &random)) { bench.noteProgress() }
                bench.wake()
                try bench.runTurn()
            }
        }

        /// Loses the receiver in the middle of its output.
        func loseReceiver() throws {
            slow.vanish()
            while !isGone { _ = try nextLine(orGone: true) }
        }

        /// It comes back under the same name.
        func returnReceiver() throws {
            (slow, near) = try bench.login("slow", tls, sendBuffer: 1, seenBy: alice)
            users.removeAll { $0 == "slow" }
            users.append("slow")
            expected = Array("OK\n".utf8)
            isGone = false
        }

        private func receive(_ line: String, by session: inout Session) {
            let bytes = Array(line.utf8)
            _ = session.receive(bytes.span, at: bench.worker.loop.now.nanoseconds)
        }

        private func nextLine() throws -> String {
            while true {
                if let line = try nextLine(orGone: false) { return line }
            }
        }

        /// The next line that alice gets, while the receiver reads a little. `nil`: it was that the receiver has gone.
        private func nextLine(orGone: Bool) throws -> String? {
            while true {
                let line = try bench.nextLine(of: alice) {
                    guard appetite > 0 else { return }
                    slow.read(atMost: .random(in: 1...appetite, using: &random))
                }
                guard line == "INFO slow disconnected" else { return line }
                try #require(!isGone, "That is told once")
                isGone = true
                if orGone { return nil }
            }
        }

        private func expect(_ line: String) {
            expected += Array(line.utf8) + [UInt8(ascii: "\n")]
        }
    }

    private static let rounds = 4

    @Test(
        "Property: a receiver that reads a little at a time gets every byte once, in order",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func everyByte(_ transport: TransportKind, _ poller: PollerKind) throws {
        var random = SeededGenerator()
        for _ in 0..<Self.rounds {
            let chat = try Chat(poller, transport, random)
            for _ in 0..<40 { try chat.step() }
            try chat.read { $0.received.count >= chat.expected.count }
            #expect(isSame(chat.slow.received, chat.expected), "\(random)")
            random = chat.random
        }
    }

    @Test(
        "Property: whenever its name is reclaimed, a lagging receiver gets whole lines up to there, the reason, and the end",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func reclaimed(_ transport: TransportKind, _ poller: PollerKind) throws {
        var random = SeededGenerator()
        for _ in 0..<Self.rounds {
            let chat = try Chat(poller, transport, random)
            for _ in 0..<Int.random(in: 0...30, using: &chat.random) { try chat.step() }
            try chat.reclaim()
            try chat.read { $0.ending != nil }
            #expect(chat.slow.ending == .inOrder, "\(random)")
            // The receiver has some seconds for that. Then the output after the current line is dropped.
            let all = chat.expected + Array("ERR username-reclaimed\n".utf8)
            #expect(isSame(chat.slow.received, all.prefix(chat.slow.received.count)), "\(random)")
            #expect(chat.slow.received.last == UInt8(ascii: "\n"), "\(random)")
            random = chat.random
        }
    }

    @Test(
        "Property: a receiver that falls off the log gets whole lines, then the reason, and the end",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func tooSlow(_ transport: TransportKind, _ poller: PollerKind) throws {
        var random = SeededGenerator()
        for _ in 0..<Self.rounds {
            let chat = try Chat(poller, transport, random) { $0.roomLog = 64 << 10 }
            while !chat.isGone {
                try chat.step()
                chat.appetite = min(chat.appetite, 300)
            }
            try chat.read { $0.ending != nil }
            #expect(chat.slow.ending == .inOrder, "\(random)")
            let reason = Array("ERR too-slow\n".utf8)
            #expect(chat.slow.received.suffix(reason.count).elementsEqual(reason), "\(random)")
            let lines = chat.slow.received.dropLast(reason.count)
            #expect(isSame(lines, chat.expected.prefix(lines.count)), "\(random)")
            #expect(lines.last == UInt8(ascii: "\n"), "\(random)")
            random = chat.random
        }
    }

    @Test(
        "Property: whenever a connection is lost, its name is free, the others are told once, and nothing of it is left",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func lost(_ transport: TransportKind, _ poller: PollerKind) throws {
        var random = SeededGenerator()
        for _ in 0..<2 {
            let chat = try Chat(poller, transport, random) { $0.roomLog = 64 << 10 }
            try chat.loseReceiver()
            // Its log has chunks of their full size then.
            for _ in 0..<40 { try chat.step() }
            try chat.bench.settle()
            let memory = chat.bench.order.memoryInUse
            for _ in 0..<6 {
                try chat.returnReceiver()
                var steps = Int.random(in: 0...12, using: &chat.random)
                while steps > 0, !chat.isGone {
                    try chat.step()
                    steps -= 1
                }
                let near = chat.near
                if !chat.isGone { try chat.loseReceiver() } else { chat.slow.vanish() }
                try chat.bench.settle()
                #expect(!near.isOpen, "\(random)")
                #expect(chat.bench.connectionCount == 1, "\(random)")
                #expect(chat.bench.order.memoryInUse == memory, "\(random)")
                #expect(
                    isSame(
                        chat.slow.received.prefix(chat.expected.count), chat.expected.prefix(chat.slow.received.count)))
            }
            random = chat.random
        }
    }

    /// Compares without a description of megabytes if they differ.
    private func isSame(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Bool {
        left.elementsEqual(right)
    }

    @Test(
        "The last line comes once, also if the remaining users of an unfinished list have left meanwhile",
        arguments: TransportKind.allCases, PollerKind.allCases)
    func lastLineAfterEmptyList(_ transport: TransportKind, _ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let alice = try bench.login("alice").peer
        // With names of these lengths, the first piece of the list is as large as one write.
        let user = try bench.login(
            "user-with-a-nam", TLSSetup.of(transport), seenBy: alice
        ).peer
        var guests: [Session] = []
        for number in 100..<1_000 {
            var guest = Session(
                ConnectionID(loop: 0, number: .max - UInt64(number)), group: .connection(0), in: bench.order)
            let line = Array("LOGIN guest-with-a-long-name-\(number)".utf8)
            _ = guest.receive(line.span, at: bench.worker.loop.now.nanoseconds)
            guests.append(guest)
        }
        try bench.settle()
        // The server answers a request by HTTP and closes.
        try user.say("WHO\nGET / HTTP/1.1\n")
        while try bench.nextLine(of: alice) != "INFO user-with-a-nam disconnected" {}
        for index in guests.indices.dropFirst(511) { guests[index].end() }
        while user.ending == nil, user.received.count < 300_000 {
            user.read()
            bench.wake()
            try bench.runTurn()
        }
        let lines = String(decoding: user.received, as: UTF8.self).split(separator: "\n")
        #expect(lines.count { $0 == "ERR unknown-command" } == 1)
        #expect(user.ending == .inOrder)
    }
}
