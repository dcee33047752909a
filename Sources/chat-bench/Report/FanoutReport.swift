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
        var table = Table()
        let shape = "\(receivers) receivers, \(senders) of them speaking, lines of \(lineBytes) bytes"
        table.add(shape)
        table.add("", "server", floor.map { _ in "floor" } ?? "", floor.map { _ in "ratio" } ?? "")
        func add(_ name: String, _ figure: (FanoutFigures) -> Double?, _ unit: String = "") {
            let (own, limit) = (figure(self), floor.flatMap(figure))
            let ratio = own.flatMap { own in limit.map { (own / $0).figure } }
            table.add(
                name, own.map { $0.figure + unit } ?? "-", limit.map { $0.figure + unit } ?? "", ratio ?? "")
        }
        add("lines per second", { Double($0.lines) / $0.seconds })
        add("deliveries per second", \.deliveriesPerSecond)
        add("latency, p50", \.latencyMicroseconds.p50, " µs")
        add("latency, p99", \.latencyMicroseconds.p99, " µs")
        add("latency, p99.9", \.latencyMicroseconds.p999, " µs")
        add("latency, maximum", \.latencyMicroseconds.maximum, " µs")
        if server != nil {
            add("server's CPU per delivery", { $0.server?.cpuMicrosecondsPerDelivery }, " µs")
            add("server's share of a core", { $0.server.map { $0.cpuShare * 100 } }, " %")
            add("server's memory per connection", { $0.server?.residentBytesPerConnection }, " B")
        }
        add("load's share of a core", { $0.load.cpuShare * 100 }, " %")
        add("lost", { Double($0.lost) })
        add("duplicated", { Double($0.duplicated) })
        add("misordered", { Double($0.misordered) })
        add("unexpected", { Double($0.unexpected) })
        if let unexpectedLine { table.add("the first unexpected line: \(unexpectedLine)") }
        if load.cpuShare > 0.9 { table.add("The load may have been the limit: it took nearly a whole core.") }
        return table
    }
}
