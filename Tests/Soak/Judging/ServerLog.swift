/// What the server has written to its standard error, line by line: whether anything in it is a fault. Pure.
final class ServerLog {
    /// Errors that the soak has caused itself, by what the log calls them.
    static let explicable = ["cannot accept", "certificates not reloaded"]

    private(set) var lines = 0
    /// How often the server has said that it cannot accept connections, and that it can again.
    private(set) var (exhaustions, recoveries) = (0, 0)
    private(set) var reloads = 0
    private(set) var rejectedReloads = 0

    private let violations: Violations
    private var isShuttingDown = false

    init(_ violations: Violations) {
        self.violations = violations
    }

    /// A line without its LF. `excuses`: which of the ``explicable`` errors a fault explains at present.
    func receive(_ line: some StringProtocol, excuses: Set<String>) {
        lines += 1
        if line.contains(NumberedText.marker) { violations.note(.mistreated, "a message is in the log: \(line)") }
        guard let level = Level(of: line) else {
            return violations.note(.mistreated, "the server wrote “\(line)”")
        }
        note(line)
        guard level == .severe, !Self.explicable.contains(where: { line.contains($0) && excuses.contains($0) }) else {
            return
        }
        violations.note(.mistreated, "the server logged “\(line)”")
    }

    private func note(_ line: some StringProtocol) {
        if line.contains("cannot accept") { exhaustions += 1 }
        if line.contains("accepting again") { recoveries += 1 }
        if line.contains("certificates reloaded") { reloads += 1 }
        if line.contains("certificates not reloaded") { rejectedReloads += 1 }
    }

    private enum Level {
        case harmless, severe

        /// Lines are `TIME LEVEL LABEL: …`; `nil` for one that did not come from the logger, such as a crash's.
        init?(of line: some StringProtocol) {
            switch line.split(separator: " ", maxSplits: 2).dropFirst().first {
            case "trace", "debug", "info", "notice", "warning": self = .harmless
            case "error", "critical": self = .severe
            default: return nil
            }
        }
    }
}
