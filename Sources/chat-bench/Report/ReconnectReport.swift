import LoadSupport

/// The return of all clients at once.
struct ReconnectReport: Report {
    private let url: String
    private let figures: ReconnectFigures

    init(url: String, _ figures: ReconnectFigures) {
        self.url = url
        self.figures = figures
    }

    private enum Key: CodingKey {
        case workload, url
    }

    func encode(to encoder: any Encoder) throws {
        try figures.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("reconnect", forKey: .workload)
        try container.encode(url, forKey: .url)
    }

    var table: Table {
        var table = Table()
        table.add("\(figures.loggedIn) of \(figures.clients) clients are logged in")
        table.add("until the last", figures.seconds.figure + " s")
        if let p50 = figures.secondsP50 { table.add("p50", p50.figure + " s") }
        if let p99 = figures.secondsP99 { table.add("p99", p99.figure + " s") }
        table.add("attempts", "\(figures.attempts)")
        for (reason, count) in figures.failures.sorted(by: { $0.key < $1.key }) { table.add(reason, "\(count)") }
        if let server = figures.server { table.add("server's share of a core", server.cpuShare.percent) }
        table.add("load's share of a core", figures.load.cpuShare.percent)
        return table
    }
}
