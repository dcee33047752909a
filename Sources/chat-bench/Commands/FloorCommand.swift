import ArgumentParser
import LoadSupport

struct FloorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "floor",
        abstract: "The physical limit: the same bytes from a process that does nothing but receive and send them.")

    @Option(help: "Which of them; may be given several times. (default: all)")
    var variant: [FloorVariant] = []

    @OptionGroup var options: LoadOptions

    @OptionGroup var window: InFlightOptions
    @OptionGroup var crowd: ConcurrencyOptions

    @Option(help: ArgumentHelp("The core on which the sending process runs. (default: any)", valueName: "number"))
    var serverCore: Int?

    @Option(help: ArgumentHelp("Whom to trust: a file in PEM.", valueName: "file"))
    var ca = "certs/ca.pem"

    @OptionGroup var material: FloorMaterial
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard serverCore.map({ (0..<CPUSet.capacity).contains($0) }) ?? true else {
            throw ValidationError("--server-core must be 0 to \(CPUSet.capacity - 1).")
        }
    }

    func run() throws {
        let progress = Progress()
        let floor = Floor(material: material, authorities: ca, cores: serverCore.map { CPUSet(core: $0) })
        let fanOut = FanoutWorkload(
            size: options.load, pace: window.pace, extent: .seconds(options.seconds))
        var results: [FloorReport.Result] = []
        // What was measured before one that cannot be, such as for lack of a certificate, is shown all the same.
        defer { progress.clear() }
        do {
            for variant in variant.isEmpty ? FloorVariant.allCases : variant {
                if let kind = variant.connectKind {
                    let connect = ConnectWorkload(kind: kind, concurrency: crowd.concurrency, seconds: options.seconds)
                    results.append(.connect(variant, try floor.connect(connect, progress)))
                } else {
                    results.append(.fanOut(variant, window.inFlight, try floor.fanOut(variant, fanOut, progress)))
                }
            }
        } catch {
            if !results.isEmpty { try output.show(FloorReport(variants: results)) }
            throw error
        }
        try output.show(FloorReport(variants: results))
        guard results.allSatisfy(\.isFaultless) else { throw ExitCode.failure }
    }
}
