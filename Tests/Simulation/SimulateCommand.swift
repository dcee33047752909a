import ArgumentParser
import EventLoop
import FlowControl
import Glibc
import TestSupport

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

    @Option(
        help: ArgumentHelp("Runs the known attacks with this in their names, and no random chat.", valueName: "text"))
    var only: String?

    @Option(help: ArgumentHelp("Begins no further random chat after this time.", valueName: "seconds"))
    var seconds = 60

    func run() throws {
        let first = first ?? .random(in: 0..<1 << 32)
        print("first seed \(first)")
        var totals = Totals()
        let begin = Self.seconds
        if self.first == nil || only != nil {
            for hasAddresses in [false, true] {
                for scenario in Scenario.named(hasAddresses: hasAddresses)
                where only.map({ scenario.name.contains($0) }) ?? true {
                    try totals.run(scenario.name + (hasAddresses ? ", by address" : ""), scenario, seed: first)
                }
            }
        }
        var seed = first
        while only == nil, seeds.map({ seed < first + $0 }) ?? (Self.seconds - begin < Double(seconds)) {
            var random = SplitMix64(seed: seed)
            try totals.run("seed \(seed)", .random(&random), seed: seed)
            seed += 1
        }
        print(
            "\(totals.chats) chats, \(seed - first) random ones, \(totals.length / .seconds(60)) minutes of virtual time in "
                + "\(Int(Self.seconds - begin)) s, \(totals.broken) broken")
        if totals.broken > 0 { throw ExitCode.failure }
    }

    private struct Totals {
        var (chats, broken) = (0, 0)
        /// In virtual time.
        var length: Nanoseconds = 0

        mutating func run(_ name: String, _ scenario: Scenario, seed: UInt64) throws {
            let begin = SimulateCommand.seconds
            let verdict = try Simulation.run(scenario, seed: seed)
            chats += 1
            length += verdict.length
            if !verdict.violations.isEmpty { broken += 1 }
            guard scenario.isNamed || !verdict.violations.isEmpty else { return }
            let milliseconds = Int((SimulateCommand.seconds - begin) * 1_000)
            print("\(name): \(verdict.figures); \(verdict.length / .seconds(1)) s in \(milliseconds) ms")
            for violation in verdict.violations.prefix(6) { print("  broken: \(violation)") }
            fflush(nil)
        }
    }

    /// Real time.
    private static var seconds: Double { Double(Instant.now.nanoseconds) / 1e9 }
}
