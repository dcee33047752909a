import LoadSupport

/// Idle connections, beside the floor where that was measured.
struct IdleReport: Report {
    private let url: String
    private let figures: IdleFigures
    private let floor: IdleFigures?

    init(url: String, _ figures: IdleFigures, _ floor: IdleFigures?) {
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
        try container.encode("idle", forKey: .workload)
        try container.encode(url, forKey: .url)
        try container.encodeIfPresent(floor, forKey: .floor)
    }

    var table: Table {
        var comparison = Comparison("\(figures.connections) idle connections", figures, floor)
        comparison.compare("server's memory per connection", \.server.residentBytesPerConnection, " B")
        comparison.compare("kernel's memory per connection", \.kernelBytesPerConnection, " B")
        comparison.show("server's memory", { Double($0.server.residentBytes) / 1_048_576 }, " MiB")
        return comparison.table
    }
}
