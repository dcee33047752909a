import ArgumentParser
import LoadSupport

struct ReconnectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconnect",
        abstract: "All clients connect and log in at once, as after a restart, and try again until they are in.")

    @OptionGroup var target: TargetOptions

    @Option(help: ArgumentHelp("How many.", valueName: "number"))
    var clients = 10_000

    @Option(help: ArgumentHelp("How long a client waits before it gives up an attempt.", valueName: "seconds"))
    var patience = 10.0

    @Option(help: ArgumentHelp("How long a client waits before it tries again.", valueName: "seconds"))
    var pause = 1.0

    @Option(help: ArgumentHelp("When to stop if not all are in.", valueName: "seconds"))
    var atMost = 60.0

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard clients > 0 else { throw ValidationError("--clients must be above 0.") }
        guard patience > 0, pause >= 0, (0...3_600).contains(atMost) else {
            throw ValidationError("--patience must be above 0, --pause 0 or more, and --at-most 0 to 3600.")
        }
    }

    func run() throws {
        let progress = Progress()
        defer { progress.clear() }
        let workload = ReconnectWorkload(clients: clients, patience: patience, pause: pause, secondsAtMost: atMost)
        let figures = try workload.run(
            to: target.route(), speaking: target.dialect.dialect, server: try target.server(), progress)
        try output.show(ReconnectReport(url: target.target.text, figures))
        guard figures.isFaultless else { throw ExitCode.failure }
    }
}
