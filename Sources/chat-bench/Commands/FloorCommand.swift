import ArgumentParser

struct FloorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "floor",
        abstract: "The physical limit: the same bytes from a process that does nothing but receive and send them.")

    @Option(help: "Which of them; may be given several times. (default: all)")
    var variant: [FloorVariant] = []

    @OptionGroup var options: LoadOptions

    @Option(help: ArgumentHelp("Lines of each sender that have not reached everybody.", valueName: "number"))
    var inFlight = 64

    @Option(help: ArgumentHelp("Connections at once, for those that are about connecting.", valueName: "number"))
    var concurrency = 16

    @Option(help: ArgumentHelp("The core on which the sending process runs. (default: any)", valueName: "number"))
    var serverCore: Int?

    @Option(help: ArgumentHelp("Whom to trust: a file in PEM.", valueName: "file"))
    var ca = "certs/ca.pem"

    @OptionGroup var material: FloorMaterial
    @OptionGroup var output: OutputOptions

    func run() throws {
        let progress = Progress()
        let floor = Floor(material: material, authorities: ca, cores: serverCore.map { CPUSet(core: $0) })
        let fanOut = FanoutWorkload(
            size: options.load, pace: .closed(inFlight: inFlight), extent: .seconds(options.seconds))
        let results = try (variant.isEmpty ? FloorVariant.allCases : variant).map { variant in
            guard let kind = variant.connectKind else {
                return FloorReport.Result.fanOut(variant, inFlight, try floor.fanOut(variant, fanOut, progress))
            }
            let connect = ConnectWorkload(kind: kind, concurrency: concurrency, seconds: options.seconds)
            return .connect(variant, try floor.connect(connect, progress))
        }
        try output.show(FloorReport(variants: results))
    }
}
