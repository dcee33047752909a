import ArgumentParser
import LoadSupport

struct FanoutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fanout", abstract: "Senders say lines that all receive, each with some in flight.")

    @OptionGroup var target: TargetOptions
    @OptionGroup var options: LoadOptions

    @OptionGroup var window: InFlightOptions

    @Option(help: ArgumentHelp("Measure so many lines instead of --seconds.", valueName: "number"))
    var lines: Int?

    @OptionGroup var floor: FloorOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try options.validate(with: target.dialect)
        guard lines.map({ $0 > 0 }) ?? true else { throw ValidationError("--lines must be above 0.") }
    }

    func run() throws {
        let workload = FanoutWorkload(
            size: options.load, pace: window.pace,
            extent: lines.map { .lines($0) } ?? .seconds(options.seconds))
        try workload.run(on: target, beside: floor, showing: output)
    }
}
