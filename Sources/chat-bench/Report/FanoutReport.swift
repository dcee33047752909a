/// A fan-out, beside the floor where that was measured.
struct FanoutReport: Report {
    private let workload: String
    private let url: String
    private let `protocol`: DialectName
    private let inFlight: Int?
    private let rate: Double?
    private let figures: FanoutFigures
    private let floor: FanoutFigures?

    init(
        workload: String, url: String, protocol: DialectName, inFlight: Int? = nil, rate: Double? = nil,
        _ figures: FanoutFigures, _ floor: FanoutFigures?
    ) {
        self.workload = workload
        self.url = url
        self.protocol = `protocol`
        self.inFlight = inFlight
        self.rate = rate
        self.figures = figures
        self.floor = floor
    }

    private enum Key: CodingKey {
        case workload, url, `protocol`, inFlight, rate, floor
    }

    func encode(to encoder: any Encoder) throws {
        try figures.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(workload, forKey: .workload)
        try container.encode(url, forKey: .url)
        try container.encode(`protocol`, forKey: .protocol)
        try container.encodeIfPresent(inFlight, forKey: .inFlight)
        try container.encodeIfPresent(rate, forKey: .rate)
        try container.encodeIfPresent(floor, forKey: .floor)
    }

    var table: Table { figures.table(beside: floor) }
}

extension FanoutFigures {
    func table(beside floor: FanoutFigures?) -> Table {
        var comparison = Comparison(
            "\(receivers) receivers, \(senders) of them speaking, lines of \(lineBytes) bytes", self, floor)
        comparison.compare("lines per second") { Double($0.lines) / $0.seconds }
        comparison.compare("deliveries per second", \.deliveriesPerSecond)
        comparison.compare("latency, p50", { $0.latencyMicroseconds?.p50 }, " µs")
        comparison.compare("latency, p99", { $0.latencyMicroseconds?.p99 }, " µs")
        comparison.compare("latency, p99.9", { $0.latencyMicroseconds?.p999 }, " µs")
        comparison.compare("latency, maximum", { $0.latencyMicroseconds?.maximum }, " µs")
        comparison.compare("server's CPU per delivery", { $0.server?.cpuMicrosecondsPerDelivery }, " µs")
        comparison.show("server's share of a core", { $0.server.map { $0.cpuShare * 100 } }, " %")
        comparison.show("server's memory", { $0.server.map { Double($0.residentBytes) / 1_048_576 } }, " MiB")
        comparison.show("load's share of a core", { $0.load.cpuShare * 100 }, " %")
        comparison.show("lost") { Double($0.lost) }
        comparison.show("duplicated") { Double($0.duplicated) }
        comparison.show("misordered") { Double($0.misordered) }
        comparison.show("unexpected") { Double($0.unexpected) }
        if let unexpectedLine { comparison.note("the first unexpected line: \(unexpectedLine)") }
        comparison.warn(of: load)
        return comparison.table
    }
}
