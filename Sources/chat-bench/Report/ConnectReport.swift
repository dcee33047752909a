/// Connecting, beside the floor where that was measured.
struct ConnectReport: Report {
    private let url: String
    private let figures: ConnectFigures
    private let floor: ConnectFigures?

    init(url: String, _ figures: ConnectFigures, _ floor: ConnectFigures?) {
        self.url = url
        self.figures = figures
        self.floor = floor
    }

    private enum Key: CodingKey {
        case workload, url, floor
    }

    func encode(to encoder: any Encoder) throws {
        try figures.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("connect", forKey: .workload)
        try container.encode(url, forKey: .url)
        try container.encodeIfPresent(floor, forKey: .floor)
    }

    var table: Table { figures.table(beside: floor) }
}

extension ConnectFigures {
    func table(beside floor: ConnectFigures?) -> Table {
        var table = Table()
        table.add("connections: \(kind.rawValue)")
        table.add("", "server", floor.map { _ in "floor" } ?? "", floor.map { _ in "ratio" } ?? "")
        func add(_ name: String, _ figure: (ConnectFigures) -> Double?, _ unit: String = "") {
            let (own, limit) = (figure(self), floor.flatMap(figure))
            let ratio = own.flatMap { own in limit.map { (own / $0).figure } }
            table.add(
                name, own.map { $0.figure + unit } ?? "-", limit.map { $0.figure + unit } ?? "", ratio ?? "")
        }
        add("per second", \.connectionsPerSecond)
        if server != nil {
            add("per second of the server's CPU", { $0.server.map { 1e6 / $0.cpuMicrosecondsPerConnection } })
            add("server's CPU per connection", { $0.server?.cpuMicrosecondsPerConnection }, " µs")
            add("server's share of a core", { $0.server.map { $0.cpuShare * 100 } }, " %")
        }
        add("load's share of a core", { $0.load.cpuShare * 100 }, " %")
        add("failed", { Double($0.failed) })
        if load.cpuShare > 0.9 { table.add("The load may have been the limit: it took nearly a whole core.") }
        return table
    }
}
