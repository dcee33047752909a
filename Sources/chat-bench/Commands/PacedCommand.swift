import ArgumentParser
import LoadSupport

struct PacedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "paced",
        abstract: "Lines are due at a fixed rate, and their time counts from when they were due.")

    @OptionGroup var target: TargetOptions
    @OptionGroup var options: LoadOptions

    @Option(help: "Lines in a second.")
    var rate = 200.0

    @OptionGroup var floor: FloorOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try options.validate(with: target.dialect)
        guard (1...1_000_000).contains(rate) else { throw ValidationError("--rate must be 1 to 1000000.") }
    }

    func run() throws {
        let workload = FanoutWorkload(
            size: options.load, pace: .open(rate: rate), extent: .seconds(options.seconds))
        try workload.run(on: target, beside: floor, showing: output)
    }
}
