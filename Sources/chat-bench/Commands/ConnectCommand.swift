import ArgumentParser
import LoadSupport

struct ConnectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect", abstract: "Clients come, log in and leave.")

    @OptionGroup var target: TargetOptions

    @Option(help: "plain, or over TLS with a full handshake or a session that is resumed. (default: by the URL)")
    var kind: ConnectWorkload.Kind?

    @OptionGroup var crowd: ConcurrencyOptions
    @OptionGroup var duration: DurationOptions
    @OptionGroup var floor: FloorOptions
    @OptionGroup var output: OutputOptions

    private var actualKind: ConnectWorkload.Kind { kind ?? (target.target.isTLS ? .full : .plain) }

    func validate() throws {
        guard (actualKind == .plain) != target.target.isTLS else {
            throw ValidationError("--kind \(actualKind.rawValue) does not go with \(target.target.text).")
        }
    }

    func run() throws {
        let progress = Progress()
        let server = try target.server()
        let workload = ConnectWorkload(kind: actualKind, concurrency: crowd.concurrency, seconds: duration.seconds)
        defer { progress.clear() }
        let floor = try floor.measure(beside: server, authorities: target.ca) { try $0.connect(workload, progress) }
        let figures = try workload.run(
            to: target.route(), speaking: target.dialect.dialect, server: server, progress)
        try output.show(ConnectReport(url: target.target.text, figures, floor))
        guard figures.isFaultless else { throw ExitCode.failure }
    }
}
