/// Idle connections.
struct IdleReport: Report {
    private let url: String
    private let figures: IdleFigures

    init(url: String, _ figures: IdleFigures) {
        self.url = url
        self.figures = figures
    }

    private enum Key: CodingKey {
        case workload, url
    }

    func encode(to encoder: any Encoder) throws {
        try figures.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("idle", forKey: .workload)
        try container.encode(url, forKey: .url)
    }

    var table: Table {
        var table = Table()
        table.add("idle connections", figures.connections.figure)
        table.add("server's memory", figures.server.residentBytes.figure + " B")
        table.add("server's memory per connection", figures.server.residentBytesPerConnection.figure + " B")
        table.add("kernel's memory per connection", figures.kernelBytesPerConnection.figure + " B")
        return table
    }
}
