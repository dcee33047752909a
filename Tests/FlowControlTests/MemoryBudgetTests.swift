import FlowControl
import Testing

struct MemoryBudgetTests {
    @Test(
        "Memory is scarcer from a half, from three quarters and from all of the limit on",
        arguments: [
            (0, MemoryBudget.Level.normal), (511, .normal), (512, .trims), (767, .trims), (768, .scarce),
            (1_023, .scarce), (1_024, .exhausted), (.max, .exhausted),
        ])
    func levels(used: Int, level: MemoryBudget.Level) {
        #expect(MemoryBudget(limit: 1_024).level(used: used) == level)
    }

    @Test("The largest limit does not overflow")
    func overflow() {
        let budget = MemoryBudget(limit: .max)
        #expect(budget.level(used: .max / 2 - 1) == .normal)
        #expect(budget.level(used: .max - 1) == .scarce)
        #expect(budget.level(used: .max) == .exhausted)
    }

    @Test("Each level is above those before it")
    func order() {
        let levels = [MemoryBudget.Level.normal, .trims, .scarce, .exhausted]
        for (lower, higher) in zip(levels, levels.dropFirst()) {
            #expect(lower < higher)
            #expect(!(higher < lower))
        }
    }

    @Test(
        "Pending output is limited to an eighth while memory is scarce, then to almost nothing, and never to nothing",
        arguments: [(MemoryBudget.Level.normal, 800), (.trims, 800), (.scarce, 100), (.exhausted, 1)])
    func pendingLimits(level: MemoryBudget.Level, limit: Int) {
        #expect(PendingLimits.scaled(800, at: level) == limit)
        #expect(PendingLimits.scaled(1, at: level) == 1)
    }
}
