import LoadSupport

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
        var comparison = Comparison("connections: \(kind.rawValue)", self, floor)
        comparison.show("per second", \.connectionsPerSecond)
        comparison.compare("per second of the server's CPU") {
            $0.server?.cpuMicrosecondsPerConnection.map { 1e6 / $0 }
        }
        comparison.compare("server's CPU per connection", { $0.server?.cpuMicrosecondsPerConnection }, " µs")
        comparison.show("server's share of a core", { $0.server.map { $0.cpuShare * 100 } }, " %")
        comparison.show("load's share of a core", { $0.load.cpuShare * 100 }, " %")
        comparison.show("failed") { Double($0.failed) }
        comparison.warn(of: load)
        return comparison.table
    }
}
