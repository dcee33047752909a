import LoadSupport

/// A table of figures beside those of the floor, where it was measured.
struct Comparison<Figures> {
    private(set) var table = Table()
    private let figures: Figures
    private let floor: Figures?

    init(_ title: String, _ figures: Figures, _ floor: Figures?) {
        self.figures = figures
        self.floor = floor
        table.add(title)
        if floor == nil { table.add("", "server") } else { table.add("", "server", "floor", "ratio") }
    }

    /// A figure that means something as a ratio. Left out where neither has it.
    mutating func compare(_ name: String, _ figure: (Figures) -> Double?, _ unit: String = "") {
        guard let own = figure(figures) else { return }
        guard let limit = floor.flatMap(figure), limit > 0 else { return table.add(name, own.figure + unit) }
        table.add(name, own.figure + unit, limit.figure + unit, (own / limit).figure)
    }

    /// One that means something by itself.
    mutating func show(_ name: String, _ figure: (Figures) -> Double?, _ unit: String = "") {
        guard let own = figure(figures) else { return }
        let limit = floor.flatMap(figure).map { $0.figure + unit } ?? ""
        table.add(name, own.figure + unit, limit)
    }

    /// Says so where the load may have been what was measured.
    mutating func warn(of load: LoadUsage) {
        if load.cpuShare > 0.9 {
            table.add("The load took nearly a whole core: it may have been the limit, not the server.")
        }
    }

    mutating func note(_ text: String) {
        table.add(text)
    }
}
