/// In what way a promise of PROTOCOL.md can be broken.
enum Violation: String, CaseIterable {
    case lost
    case duplicated
    case misordered
    /// A user, or a line of one, that should not be there.
    case ghost = "ghosts"
    /// A user who is there, and whom WHO does not name.
    case missingUser = "missing users"
    /// A reply that another line splits, or that is not whole.
    case brokenReply = "broken replies"
    /// A line that nothing explains.
    case unexpected
    /// A client that was not treated as promised, or a server that did not behave as one.
    case mistreated
}

/// What was not as promised. Confined to one thread.
final class Violations {
    /// Of each kind: more of them would tell nobody anything.
    private static let mostExamples = 10

    private(set) var counts: [Violation: Int] = [:]
    /// The first ones, for people.
    private(set) var examples: [String] = []
    private var told: [Violation: Int] = [:]

    var isEmpty: Bool { counts.values.allSatisfy { $0 == 0 } }

    subscript(violation: Violation) -> Int { counts[violation] ?? 0 }

    func note(_ violation: Violation, count: Int = 1, _ description: @autoclosure () -> String) {
        counts[violation, default: 0] += count
        told[violation, default: 0] += 1
        guard told[violation, default: 0] <= Self.mostExamples else { return }
        examples.append("\(violation.rawValue): \(description())")
    }

    /// What was taken for lost has come after all, at the wrong place.
    func changeLostToMisordered(_ description: @autoclosure () -> String) {
        counts[.lost, default: 0] -= 1
        note(.misordered, description())
    }
}
