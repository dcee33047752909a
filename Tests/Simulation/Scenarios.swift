import ChatServer
import FlowControl

/// The attacks that the rules of flow control were written against, each as a scenario.
extension Scenario {
    private static let expensiveName = String(repeating: "\u{FDFA}", count: 32)

    private static func everyday(_ cast: Cast) {
        for _ in 0..<8 { cast.addTypist() }
        cast.addVisitors()
    }

    static func named(hasAddresses: Bool) -> [Scenario] {
        var scenarios: [Scenario] = [
            Scenario(name: "an ordinary chat") { cast in
                everyday(cast)
                cast.addPaster(lines: 2_000)
                cast.addReader(.rate(16 << 10))
                cast.addStalled(3)
            },
            Scenario(name: "DMs to a slow reader, one pair") { cast in
                everyday(cast)
                addPairs(1, to: cast)
            },
            Scenario(name: "DMs to slow readers, 21 pairs") { cast in
                everyday(cast)
                addPairs(21, to: cast)
            },
            Scenario(name: "DMs to slow readers, 96 pairs", seconds: 60) { cast in
                everyday(cast)
                addPairs(96, to: cast)
            },
            Scenario(name: "three senders of DMs to one user") { cast in
                everyday(cast)
                cast.addReader(.rate(100_000))
                for sender in 0..<3 {
                    let text = "DM reader0 " + String(repeating: "d", count: 1_000) + "\n"
                    cast.add(
                        Attacker(
                            cast.world, "sender\(sender)", group: cast.sharedAddress(sender), saying: text, rate: 60))
                }
            },
            Scenario(name: "40 unauthenticated connections with tiny TLS records", seconds: 10) { cast in
                everyday(cast)
                for number in 0..<40 {
                    cast.add(
                        Attacker(
                            cast.world, "tiny\(number)", login: false, isTLS: true, group: cast.sharedAddress(number),
                            recordSize: 1, saying: String(repeating: " ", count: 1_000)))
                }
            },
            Scenario(name: "99 unauthenticated connections with expensive names", seconds: 20) { cast in
                everyday(cast)
                for number in 0..<99 {
                    cast.add(
                        Attacker(
                            cast.world, "dear\(number)", login: false, group: cast.sharedAddress(number),
                            recordSize: 103, saying: "LOGIN \(expensiveName)\n", rate: 25))
                }
            },
            Scenario(name: "a paste beside 40 clients that send HELP, and a slow receiver", seconds: 20) { cast in
                everyday(cast)
                for number in 0..<40 {
                    cast.add(Attacker(cast.world, "help\(number)", group: cast.sharedAddress(number), saying: "HELP\n"))
                }
                cast.addReader(.rate(16 << 10))
                cast.addPaster(lines: 1_000)
            },
            Scenario(name: "WHO without reading, 40 clients", seconds: 10) { cast in
                everyday(cast)
                for number in 0..<40 {
                    cast.add(
                        Attacker(
                            cast.world, "who\(number)", group: cast.sharedAddress(number), reading: .nothing,
                            saying: "WHO\n"))
                }
            },
            Scenario(name: "expensive names in DMs of 20 users", seconds: 10) { cast in
                everyday(cast)
                for number in 0..<20 {
                    cast.add(
                        Attacker(
                            cast.world, "folder\(number)", group: cast.sharedAddress(number), recordSize: 102,
                            saying: "DM \(expensiveName) x\n"))
                }
            },
            Scenario(name: "bulk text of 8 users, receivers at exactly the minimum rate", seconds: 150) { cast in
                everyday(cast)
                for number in 0..<8 {
                    cast.add(
                        Attacker(
                            cast.world, "bulk\(number)", group: cast.sharedAddress(number),
                            saying: "MSG " + String(repeating: "b", count: 200) + "\n"))
                }
                for number in 0..<4 {
                    cast.addReader(
                        .rate(16 << 10), receiveBuffer: 128 << (10 + number), isTLS: number.isMultiple(of: 2))
                }
            },
            Scenario(name: "logins and names that change without pause, 50 clients", seconds: 20) { cast in
                everyday(cast)
                for number in 0..<50 {
                    cast.add(
                        Attacker(
                            cast.world, "storm\(number)", login: false, group: cast.sharedAddress(number),
                            recordSize: 103, saying: "LOGIN \(expensiveName)\n", rate: 50))
                }
            },
        ]
        var small = Limits()
        (small.roomLog, small.memory) = (1 << 20, 4 << 20)
        scenarios.append(
            Scenario(name: "a small log, five stalled receivers, an honest reader and a paste of 2 MB", limits: small) {
                cast in
                everyday(cast)
                cast.addStalled(5)
                cast.addReader(.rate(60_000))
                cast.addPaster(lines: 20_000, length: 90)
            })
        for index in scenarios.indices { scenarios[index].hasAddresses = hasAddresses }
        return scenarios
    }

    /// One of each pair reads 15.5 kB/s, the other sends it DMs at 56 KiB/s.
    private static func addPairs(_ count: Int, to cast: Cast) {
        let text = String(repeating: "d", count: 1_000)
        for pair in 0..<count {
            cast.add(
                Attacker(
                    cast.world, "slow\(pair)", group: cast.sharedAddress(pair), reading: .rate(15_500), saying: "",
                    rate: 1))
            cast.add(
                Attacker(
                    cast.world, "loud\(pair)", group: cast.sharedAddress(pair + 1), saying: "DM slow\(pair) \(text)\n",
                    rate: 56))
        }
    }

    /// Any mix of honest and hostile clients.
    static func random(_ random: inout SplitMix64) -> Scenario {
        func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }
        var scenario: Scenario
        let (typists, pasters, readers, stalled) = (number(2...10), number(0...3), number(0...4), number(0...10))
        let kinds = (0..<number(0...3)).map { _ in (kind: number(0...6), count: number(1...8)) }
        let (bigBuffers, minimumRates) = (Bool.random(using: &random), Bool.random(using: &random))
        var limits = Limits()
        if Bool.random(using: &random) {
            (limits.roomLog, limits.memory) = (1 << UInt64(number(20...23)), 64 << 20)
        }
        let length = number(5...300)
        let lines = number(100...6_000)
        scenario = Scenario(name: "random", seconds: UInt64(number(5...30)), loops: number(1...3), limits: limits) {
            cast in
            for _ in 0..<typists { cast.addTypist() }
            cast.addVisitors()
            for paster in 0..<pasters {
                cast.addPaster(lines: lines, length: length, after: .seconds(UInt64(2 + 3 * paster)))
            }
            for reader in 0..<readers {
                cast.addReader(
                    minimumRates ? .rate(16 << 10) : .rate(20_000 << reader),
                    receiveBuffer: bigBuffers ? 1 << 20 : 64 << 10, isTLS: reader.isMultiple(of: 2))
            }
            cast.addStalled(stalled)
            for (kind, count) in kinds { addAttackers(kind, count, to: cast) }
        }
        scenario.isNamed = false
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
            cast.add(
                Attacker(
                    cast.world, "k\(kind)n\(number)", login: login, isTLS: number.isMultiple(of: 3),
                    group: cast.sharedAddress(number), reading: reading, recordSize: kind == 4 ? 102 : 16 << 10,
                    saying: text,
                    // What takes long in reality is not said as often as the server takes it.
                    rate: kind == 1 || kind == 4 ? 50 : 400))
        }
    }
}
