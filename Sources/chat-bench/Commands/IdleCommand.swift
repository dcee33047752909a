import ArgumentParser
import LoadSupport

struct IdleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle", abstract: "What connections take that are logged in and say nothing. Needs --pid.")

    @OptionGroup var target: TargetOptions

    @Option(help: ArgumentHelp("How many.", valueName: "number"))
    var connections = 10_000

    @OptionGroup var floor: FloorOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard connections >= 2 else { throw ValidationError("--connections must be 2 or more.") }
        guard target.pid != nil else {
            throw ValidationError("--pid is needed: it is the server's memory that counts.")
        }
    }

    func run() throws {
        guard let server = try target.server() else { return }
        let progress = Progress()
        defer { progress.clear() }
        let workload = IdleWorkload(connections: connections)
        let figures = try workload.run(
            to: target.route(), speaking: target.dialect.dialect, server: server, progress)
        // Behind the server: what the kernel has not freed of the one's sockets yet is missing from the other's figure.
        let limit = try floor.measure(beside: server, authorities: target.ca) {
            try $0.hold(workload, isTLS: target.target.isTLS, progress)
        }
        try output.show(IdleReport(url: target.target.text, figures, limit))
    }
}
