import Allocations

/// What a piece of work costs, by the unit.
struct Cost {
    let name: String
    let nanoseconds: Double
    let allocations: Double

    /// Does the work again and again, after as many rounds that are not counted: what grows on first use has grown then.
    init(_ name: String, units: Int, rounds: Int, _ work: () throws -> Void) rethrows {
        for _ in 0..<rounds { try work() }
        let before = allocations_count()
        let clock = ContinuousClock()
        let duration = try clock.measure { for _ in 0..<rounds { try work() } }
        let count = Double(units * rounds)
        self.name = name
        nanoseconds = duration / .nanoseconds(1) / count
        allocations = Double(allocations_count() - before) / count
    }
}
