import ArgumentParser
import Glibc

@main
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract:
            "Runs chats with honest and hostile clients in virtual time, and checks what the honest are promised.",
        discussion: """
            First, without --first, the known attacks; then one random chat for each seed, which repeats it. Exit status: 1 \
            if a promise was broken.
            """)

    @Option(help: ArgumentHelp("How many random chats. (default: as many as there is time for)", valueName: "number"))
    var seeds: UInt64?

    @Option(help: ArgumentHelp("The first seed. (default: another one each time)", valueName: "number"))
    var first: UInt64?

    @Option(help: ArgumentHelp("Begins no further random chat after this time.", valueName: "seconds"))
    var seconds = 60

    func run() throws {
        let first = first ?? .random(in: 0..<1 << 32)
        var (broken, chats, simulated) = (0, 0, UInt64(0))
        func run(_ name: String, _ scenario: Scenario, seed: UInt64) throws {
            let verdict = try Simulation.run(scenario, seed: seed)
            chats += 1
            simulated += scenario.seconds
            if !verdict.violations.isEmpty { broken += 1 }
            guard scenario.isNamed || !verdict.violations.isEmpty else { return }
            let figures = [verdict.percentile99, verdict.slowest, verdict.slowestLogin].map(Verdict.milliseconds)
            print("\(name): p99 \(figures[0]) ms, slowest \(figures[1]) ms, LOGIN \(figures[2]) ms")
            for violation in verdict.violations.prefix(6) { print("  broken: \(violation)") }
            fflush(nil)
        }
        print("first seed \(first)")
        for hasAddresses in self.first == nil ? [false, true] : [] {
            for scenario in Scenario.named(hasAddresses: hasAddresses) {
                try run(scenario.name + (hasAddresses ? ", by address" : ""), scenario, seed: first)
            }
        }
        let end = time(nil) + seconds
        var seed = first
        while seeds.map({ seed < first + $0 }) ?? (time(nil) < end) {
            var random = SplitMix64(state: seed)
            try run("seed \(seed)", .random(&random), seed: seed)
            seed += 1
        }
        print(
            "\(chats) chats, \(simulated / 60) minutes of virtual time, \(seed - first) random seeds, \(broken) broken")
        if broken > 0 { throw ExitCode.failure }
    }
}
