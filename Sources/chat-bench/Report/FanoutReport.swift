import LoadSupport

/// A fan-out, beside the floor where that was measured.
struct FanoutReport: Report {
    private let target: TargetOptions
    private let workload: FanoutWorkload
    private let figures: FanoutFigures
    private let floor: FanoutFigures?

    init(_ target: TargetOptions, _ workload: FanoutWorkload, _ figures: FanoutFigures, _ floor: FanoutFigures?) {
        self.target = target
        self.workload = workload
        self.figures = figures
        self.floor = floor
    }

    private enum Key: CodingKey {
        case workload, url, `protocol`, inFlight, rate, floor
    }

    func encode(to encoder: any Encoder) throws {
        try figures.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        switch workload.pace {
        case .closed(let inFlight, _):
            try container.encode("fanout", forKey: .workload)
            try container.encode(inFlight, forKey: .inFlight)
        case .open(let rate):
            try container.encode("paced", forKey: .workload)
            try container.encode(rate, forKey: .rate)
        }
        try container.encode(target.target.text, forKey: .url)
        try container.encode(target.dialect, forKey: .protocol)
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
        comparison.show("lines per write", \.linesPerWrite)
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
