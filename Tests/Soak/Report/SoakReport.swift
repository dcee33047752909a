import LoadSupport

/// What a soak has shown.
struct SoakReport {
    let seed: UInt64
    let seconds: Double
    let tallies: [String: Population.Tally]
    let faults: [String: Int]
    let honest: Int
    /// A line to one user is one.
    let linesChecked: Int
    let publicLines: Int
    let directMessages: Int
    let logLines: Int
    let violations: Violations
    /// Behind the warm-up, and behind each part.
    let footprints: [Footprint]
    /// `nil` where a signal has ended the server.
    let exitStatus: Int32?
    let secondsToEnd: Double?

    var text: String {
        [clients, injected, promises, growth].map(\.text).joined(separator: "\n\n")
            + (violations.examples.isEmpty ? "" : "\n\n" + violations.examples.joined(separator: "\n"))
            + "\n\n" + (violations.isEmpty ? "as promised" : "NOT as promised") + ", seed \(seed)"
    }

    private var clients: Table {
        var table = Table()
        table.add("clients", "as promised", "not")
        for (title, tally) in tallies.sorted(by: { $0.key < $1.key }) {
            table.add(title, "\(tally.served)", "\(tally.mistreated)")
        }
        table.add(
            "all", "\(tallies.values.reduce(0) { $0 + $1.served })",
            "\(tallies.values.reduce(0) { $0 + $1.mistreated })")
        return table
    }

    private var injected: Table {
        var table = Table()
        table.add("faults", "")
        for (title, count) in faults.sorted(by: { $0.key < $1.key }) { table.add(title, "\(count)") }
        return table
    }

    private var promises: Table {
        var table = Table()
        table.add("promises", "")
        table.add("honest users", "\(honest)")
        table.add("lines that everybody got", "\(publicLines)")
        table.add("deliveries checked", "\(linesChecked)")
        table.add("direct messages", "\(directMessages)")
        table.add("lines of the log", "\(logLines)")
        for violation in Violation.allCases { table.add(violation.rawValue, "\(violations[violation])") }
        return table
    }

    private var growth: Table {
        var table = Table()
        table.add("server, \(Int(seconds)) s in all", "descriptors", "threads", "resident KiB", "private dirty KiB")
        for (index, footprint) in footprints.enumerated() {
            let when = index == 0 ? "before" : index == footprints.count - 1 ? "after" : "half-way"
            table.add(
                when, "\(footprint.descriptors)", "\(footprint.threads)", "\(footprint.resident >> 10)",
                "\(footprint.privateDirty >> 10)")
        }
        table.add("exit status", exitStatus.map { "\($0)" } ?? "none")
        table.add("seconds from SIGTERM", secondsToEnd.map(\.figure) ?? "none")
        return table
    }
}
