import ArgumentParser

struct FanoutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fanout", abstract: "Senders say lines that all receive, each with some in flight.")

    @OptionGroup var target: TargetOptions
    @OptionGroup var options: LoadOptions

    @Option(help: ArgumentHelp("Lines of each sender that have not reached everybody.", valueName: "number"))
    var inFlight = 64

    @Option(help: ArgumentHelp("Measure so many lines instead of --seconds.", valueName: "number"))
    var lines: Int?

    @OptionGroup var floor: FloorOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try options.validate(with: target.dialect)
        guard (1...1_000_000).contains(inFlight) else { throw ValidationError("--in-flight must be 1 to 1000000.") }
        guard lines.map({ $0 > 0 }) ?? true else { throw ValidationError("--lines must be above 0.") }
    }

    func run() throws {
        let progress = Progress()
        let server = try target.server()
        let workload = FanoutWorkload(
            size: options.load, pace: .closed(inFlight: inFlight),
            extent: lines.map { .lines($0) } ?? .seconds(options.seconds))
        defer { progress.clear() }
        let floor = try floor.measure(beside: server, authorities: target.ca) {
            try $0.fanOut(.limit(of: target.target, inFlight: inFlight * options.senders), workload, progress)
        }
        let figures = try workload.run(
            to: target.route(), speaking: target.dialect.dialect, server: server, progress)
        let report = FanoutReport(
            workload: "fanout", url: target.target.text, protocol: target.dialect, inFlight: inFlight, figures, floor)
        try output.show(report)
        guard figures.isFaultless else { throw ExitCode.failure }
    }
}
