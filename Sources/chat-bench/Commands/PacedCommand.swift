import ArgumentParser

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
        let progress = Progress()
        let server = try target.server()
        let workload = FanoutWorkload(
            size: options.load, pace: .open(rate: rate), extent: .seconds(options.seconds))
        defer { progress.clear() }
        let floor = try floor.measure(beside: server, authorities: target.ca) {
            try $0.fanOut(.limit(of: target.target, inFlight: 1), workload, progress)
        }
        let figures = try workload.run(
            to: target.route(), speaking: target.dialect.dialect, server: server, progress)
        let report = FanoutReport(
            workload: "paced", url: target.target.text, protocol: target.dialect, rate: rate, figures, floor)
        try output.show(report)
        guard figures.isFaultless else { throw ExitCode.failure }
    }
}
