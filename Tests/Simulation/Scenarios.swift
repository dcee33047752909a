import ChatServer
import FlowControl
import TestSupport

/// The attacks that the rules of flow control were written against, each as a scenario.
extension Scenario {
    private static let expensiveName = String(repeating: "\u{FDFA}", count: 32)

    private static func everyday(_ cast: Cast) {
        for _ in 0..<6 { cast.addTypist() }
        for _ in 0..<2 { cast.addBot() }
        for typist in cast.typists.prefix(2) { cast.addCorrespondent(to: typist) }
        cast.addVisitors()
    }

    static func named(hasAddresses: Bool) -> [Scenario] {
        var scenarios = ordinary + attacksOnOthersInput + attacksOnTheLog + attacksOnTheTurn + attacksOnMemory
        for index in scenarios.indices { scenarios[index].hasAddresses = hasAddresses }
        return scenarios
    }

    // MARK: No attack

    private static var ordinary: [Scenario] {
        [
            Scenario(name: "an hour of an ordinary chat", seconds: 3_600) { cast in
                everyday(cast)
                cast.addPaster(lines: 2_000)
                cast.addReader(.rate(16 << 10))
                cast.addReader(.rate(16 << 10), receiveBuffer: 8 << 20)
                cast.addReader(.everyNowAndThen(reads: .seconds(20), stalls: .seconds(50)), receiveBuffer: 16 << 10)
                cast.addCorrespondent(to: cast.readers[0])
                cast.addStalled(3)
            },
            Scenario(name: "receivers that stall are disconnected in time, and no others", seconds: 340) { cast in
                everyday(cast)
                cast.addPaster(lines: 1_000, length: 50)
                cast.addReader(.everyNowAndThen(reads: .seconds(10), stalls: .seconds(280)), receiveBuffer: 8 << 10)
                cast.addStalled(3, receiveBuffer: 8 << 10)
                cast.expectTooSlow(of: cast.stalled[0], receiveBuffer: 8 << 10)
            },
            Scenario(
                name: "a slow receiver that acknowledges all the time, and the shortest stall timeout", seconds: 60,
                limits: .impatient
            ) { cast in
                everyday(cast)
                cast.addPaster(lines: 1_000, length: 50)
                for isTLS in [false, true] { cast.addReader(.rate(1 << 10), receiveBuffer: 8 << 10, isTLS: isTLS) }
            },
            Scenario(name: "machines that vanish, and live ones that are busy", seconds: 60) { cast in
                everyday(cast)
                cast.addVanishing(6, after: .seconds(5))
                cast.addReader(.rate(16 << 10))
                cast.addPaster(lines: 10_000, length: 80)
            },
        ]
    }

    // MARK: DMs

    private static var attacksOnOthersInput: [Scenario] {
        [
            Scenario(name: "DMs to a slow reader, one pair", seconds: 30) { cast in
                everyday(cast)
                addPairs(1, to: cast)
            },
            Scenario(name: "DMs to slow readers, 21 pairs", seconds: 20) { cast in
                everyday(cast)
                addPairs(21, to: cast)
            },
            Scenario(name: "DMs to slow readers, 96 pairs", seconds: 10) { cast in
                everyday(cast)
                addPairs(96, to: cast)
            },
            Scenario(name: "three senders of DMs to one user", seconds: 30) { cast in
                everyday(cast)
                cast.addReader(.rate(100_000))
                cast.addCorrespondent(to: cast.readers[0])
                let text = "DM reader0 " + String(repeating: "d", count: 1_000) + "\n"
                for sender in 0..<3 { cast.addAttacker("sender\(sender)", address: sender, saying: text, rate: 60) }
            },
            Scenario(name: "expensive names in DMs of 20 users", seconds: 4) { cast in
                everyday(cast)
                for number in 0..<20 {
                    cast.addAttacker(
                        "folder\(number)", address: number, recordSize: 102, saying: "DM \(expensiveName) x\n")
                }
            },
        ]
    }

    // MARK: Bulk text

    private static var attacksOnTheLog: [Scenario] {
        [
            Scenario(
                name: "bulk text of 8 users, receivers at exactly the minimum rate", seconds: 240, limits: .small()
            ) {
                cast in
                everyday(cast)
                for number in 0..<8 {
                    cast.addAttacker(
                        "bulk\(number)", address: number, saying: "MSG " + String(repeating: "b", count: 200) + "\n")
                }
                for number in 0..<4 {
                    cast.addReader(
                        .rate(16 << 10), receiveBuffer: 64 << (10 + number), isTLS: number.isMultiple(of: 2))
                }
            },
            Scenario(
                name: "a small log, five stalled receivers, an honest reader and a paste of 2 MB", seconds: 20,
                limits: .small()
            ) { cast in
                everyday(cast)
                cast.addStalled(5)
                cast.addReader(.rate(60_000))
                cast.addPaster(lines: 20_000, length: 90)
            },
            Scenario(
                name: "a receiver that stalls too long, reads again, and is waited for again", seconds: 160,
                limits: .small()
            ) { cast in
                everyday(cast)
                for number in 0..<2 {
                    cast.addAttacker(
                        "bulk\(number)", address: number, saying: "MSG " + String(repeating: "b", count: 200) + "\n")
                }
                cast.addReader(.nothing)
                cast.addReader(.nothing)
                let (first, second) = (cast.readers[0], cast.readers[1])
                // The first receiver stays healthy. The second one is healthy again after some 25 s.
                cast.world.after(.seconds(54)) { first.read(.rate(16 << 10)) }
                cast.world.after(.seconds(70)) { second.read(.rate(24 << 10)) }
                cast.world.after(.seconds(120)) { first.read(.rate(100 << 10)) }
            },
        ]
    }

    // MARK: Time

    private static var attacksOnTheTurn: [Scenario] {
        [
            Scenario(name: "40 unauthenticated connections with tiny TLS records", seconds: 3) { cast in
                everyday(cast)
                for number in 0..<40 {
                    cast.addAttacker(
                        "tiny\(number)", login: false, isTLS: true, address: number, recordSize: 1,
                        saying: String(repeating: " ", count: 1_000))
                }
            },
            Scenario(name: "99 unauthenticated connections with expensive names", seconds: 5) { cast in
                everyday(cast)
                for number in 0..<99 {
                    cast.addAttacker(
                        "cost\(number)", login: false, address: number, recordSize: 103,
                        saying: "LOGIN \(expensiveName)\n", rate: 25)
                }
            },
            Scenario(name: "logins and names that change without pause, 50 clients", seconds: 6) { cast in
                everyday(cast)
                for number in 0..<50 {
                    cast.addAttacker(
                        "storm\(number)", login: false, address: number, recordSize: 103,
                        saying: "LOGIN \(expensiveName)\n", rate: 50)
                }
            },
            Scenario(name: "2,000 TLS clients that come at once", seconds: 10) { cast in
                everyday(cast)
                cast.world.after(.seconds(5)) {
                    for number in 0..<2_000 {
                        cast.addAttacker(
                            "new\(number)", login: false, isTLS: true, address: number, saying: "PING\n", rate: 0.1)
                    }
                }
            },
            Scenario(name: "a paste beside 40 clients that send HELP, and a slow receiver", seconds: 3) { cast in
                everyday(cast)
                for number in 0..<40 { cast.addAttacker("help\(number)", address: number, saying: "HELP\n") }
                cast.addReader(.rate(16 << 10))
                cast.addPaster(lines: 1_000, after: .seconds(1))
            },
            Scenario(name: "some LOGINs in each turn", seconds: 4) { cast in
                everyday(cast)
                // Shortly before the bots' next lines. So much input lets an event loop serve only a few of them in a turn.
                cast.world.after(.microseconds(995_000)) {
                    for number in 0..<100 { cast.addAttacker("help\(number)", address: number, saying: "HELP\n") }
                }
            },
            Scenario(name: "800 clients that send PING without pause", seconds: 3, warmUp: 1_300) { cast in
                everyday(cast)
                for number in 0..<800 {
                    cast.addAttacker("busy\(number)", address: number, saying: "PING\n")
                }
            },
            Scenario(name: "1,000 clients that log in at once, beside bulk text", seconds: 6) { cast in
                everyday(cast)
                cast.world.after(.seconds(2)) { cast.addAudience(1_000) }
                for number in 0..<4 {
                    cast.addAttacker(
                        "bulk\(number)", address: number, saying: "MSG " + String(repeating: "b", count: 400) + "\n")
                }
            },
            Scenario(name: "bulk text to a room of 1,000", seconds: 6) { cast in
                everyday(cast)
                cast.addAudience(1_000)
                for number in 0..<4 {
                    cast.addAttacker(
                        "bulk\(number)", address: number, saying: "MSG " + String(repeating: "b", count: 400) + "\n")
                }
            },
        ]
    }

    // MARK: Memory

    private static var attacksOnMemory: [Scenario] {
        [
            Scenario(
                name: "WHO without reading, 100 clients, in a room of 2,000", seconds: 6,
                limits: .small(memory: 512 << 20)
            ) { cast in
                everyday(cast)
                cast.addAudience(2_000, name: String(repeating: "\u{10348}", count: 20))
                for number in 0..<100 {
                    cast.addAttacker("who\(number)", address: number, reading: .nothing, saying: "WHO\n")
                }
            },
            Scenario(name: "HELP without reading, 40 clients", seconds: 10) { cast in
                everyday(cast)
                for number in 0..<40 {
                    cast.addAttacker("help\(number)", address: number, reading: .nothing, saying: "HELP\n")
                }
            },
            Scenario(
                name: "scarce memory, 100 clients that read nothing, stalled receivers and a paste", seconds: 50,
                limits: .small()
            ) { cast in
                everyday(cast)
                cast.addStalled(5)
                cast.addPaster(lines: 20_000, length: 90, after: .seconds(45))
                addDeaf(100, to: cast)
                // A last line may take 30 s.
                cast.expectAttackers(after: .seconds(42))
            },
            Scenario(name: "no memory, 600 clients that read nothing, and a paste", seconds: 6, limits: .small()) {
                cast in
                everyday(cast)
                cast.addPaster(lines: 20_000, length: 90, after: .seconds(1))
                addDeaf(600, to: cast)
            },
            Scenario(name: "no memory, 1,000 clients that read nothing", seconds: 6, limits: .small()) { cast in
                everyday(cast)
                addDeaf(1_000, to: cast)
            },
            Scenario(name: "no memory, 600 clients that read nothing", seconds: 6, limits: .small()) { cast in
                everyday(cast)
                addDeaf(600, to: cast)
            },
        ]
    }

    /// Adds clients that send HELP and read nothing, in pairs: one client also sends DMs to the other.
    private static func addDeaf(_ count: Int, to cast: Cast) {
        for number in 0..<count {
            cast.addAttacker(
                "mute\(number)", address: number, reading: .nothing, receiveBuffer: 4 << 10, isAddressed: true,
                saying: number.isMultiple(of: 2) ? "HELP\n" : "HELP\nDM mute\(number - 1) hello\n", rate: 100)
        }
    }

    /// Adds pairs of a receiver that reads 15.5 kB/s and a sender of DMs at 56 KiB/s. The first receiver gets other DMs too.
    private static func addPairs(_ count: Int, to cast: Cast) {
        let text = String(repeating: "d", count: 1_000)
        for pair in 0..<count {
            cast.addReader(.rate(15_500))
            cast.addAttacker("loud\(pair)", address: pair, saying: "DM reader\(pair) \(text)\n", rate: 56)
        }
        cast.addCorrespondent(to: cast.readers[0])
    }

    // MARK: Any chat

    /// Any mix of honest and hostile clients.
    static func random(_ random: inout SplitMix64) -> Scenario {
        func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }
        var scenario: Scenario
        let (typists, bots, pasters, stalled) = (number(2...10), number(0...2), number(0...3), number(0...10))
        let readers = (0..<number(0...4)).map { _ in (kind: number(0...3), receiveBuffer: 16 << (10 + number(0...9))) }
        let kinds = (0..<number(0...3)).map { _ in (kind: number(0...6), count: number(1...8)) }
        let attackEnd = UInt64(number(3...8))
        let vanishing = max(number(-3...3), 0)
        var limits = Limits()
        if Bool.random(using: &random) {
            (limits.roomLog, limits.memory) = (1 << UInt64(number(20...23)), 64 << 20)
        }
        let length = number(5...300)
        let lines = number(100...6_000)
        scenario = Scenario(name: "random", seconds: UInt64(number(10...90)), loops: number(1...3), limits: limits) {
            cast in
            for _ in 0..<typists { cast.addTypist() }
            for _ in 0..<bots { cast.addBot() }
            for typist in cast.typists.prefix(2) { cast.addCorrespondent(to: typist) }
            cast.addVisitors()
            for paster in 0..<pasters {
                cast.addPaster(lines: lines, length: length, after: .seconds(UInt64(2 + 3 * paster)))
            }
            for (number, (kind, receiveBuffer)) in readers.enumerated() {
                let reading: Peer.Reading =
                    switch kind {
                    case 0: .rate(16 << 10)
                    case 1: .rate(20_000 << number)
                    case 2: .everyNowAndThen(reads: .seconds(20), stalls: .seconds(30))
                    default: .everything
                    }
                cast.addReader(reading, receiveBuffer: receiveBuffer, isTLS: number.isMultiple(of: 2))
            }
            cast.addStalled(stalled)
            cast.addVanishing(vanishing, after: .seconds(3))
            for (kind, count) in kinds { addAttackers(kind, count, to: cast) }
        }
        scenario.isNamed = false
        scenario.attackEnd = attackEnd
        scenario.hasAddresses = Bool.random(using: &random)
        return scenario
    }

    private static func addAttackers(_ kind: Int, _ count: Int, to cast: Cast) {
        let (text, reading, login): (String, Peer.Reading, Bool) =
            switch kind {
            case 0: ("HELP\n", .nothing, true)
            case 1: ("WHO\n", .everything, true)
            case 2: ("MSG " + String(repeating: "m", count: 100) + "\n", .everything, true)
            case 3: ("DM typist0 " + String(repeating: "d", count: 500) + "\n", .everything, true)
            case 4: ("DM \(expensiveName) x\n", .nothing, true)
            case 5: ("\n\n\n\nPING\n", .everything, false)
            default: ("LOGIN witness\n", .everything, false)
            }
        for number in 0..<count {
            cast.addAttacker(
                "k\(kind)n\(number)", login: login, isTLS: number.isMultiple(of: 3), address: number,
                reading: reading, recordSize: kind == 4 ? 102 : 16 << 10, saying: text,
                // Commands that take much real time are sent at a lower rate.
                rate: kind == 1 || kind == 4 ? 50 : 400)
        }
    }
}
