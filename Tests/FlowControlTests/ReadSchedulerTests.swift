import FlowControl
import TestSupport
import Testing

private final class Flow: ScheduledFlow {
    var schedule = FlowSchedule()
    /// The cost that it has used in all.
    var used = 0
}

struct ReadSchedulerTests {
    private static let quantum = 1_000
    private let quantum = Self.quantum
    private var scheduler = ReadScheduler<Flow>(quantum: Self.quantum)

    /// A flow that has more input than its quantum and waits for its next turn.
    private mutating func heavyFlow() -> Flow {
        let flow = Flow()
        scheduler.enqueue(flow)
        #expect(scheduler.next() === flow)
        scheduler.charge(flow, quantum, hasMore: true)
        return flow
    }

    @Test("A flow that has used nothing comes before heavy ones, and may use a quantum")
    mutating func sparseFirst() {
        let (heavy, sparse) = (heavyFlow(), Flow())
        scheduler.enqueue(sparse)
        #expect(sparse.schedule.allowance == quantum)
        #expect(scheduler.next() === sparse)
        #expect(scheduler.next() === heavy)
        #expect(scheduler.next() == nil)
    }

    @Test("A flow stays sparse until it has used its quantum in a round")
    mutating func staysSparse() {
        let (heavy, sparse) = (heavyFlow(), Flow())
        for used in [0, 400, 800] {
            scheduler.enqueue(sparse)
            #expect(sparse.schedule.allowance == quantum - used)
            #expect(scheduler.next() === sparse)
            scheduler.charge(sparse, 400, hasMore: false)
        }
        scheduler.enqueue(sparse)
        #expect(scheduler.next() === heavy)
        #expect(scheduler.next() === sparse)
    }

    @Test("A flow is sparse again in the next round, not before")
    mutating func sparseAgain() {
        let (first, second, flow) = (heavyFlow(), heavyFlow(), Flow())
        scheduler.enqueue(flow)
        #expect(scheduler.next() === flow)
        scheduler.charge(flow, quantum, hasMore: false)
        #expect(scheduler.next() === first)
        scheduler.charge(first, quantum, hasMore: true)
        scheduler.enqueue(flow)
        #expect(scheduler.next() === flow)
        scheduler.charge(flow, quantum, hasMore: false)
        #expect(scheduler.next() === second)
        scheduler.charge(second, quantum, hasMore: true)
        // The round ends when all that waited at its begin had their turn, and not before a new one begins.
        scheduler.enqueue(flow)
        #expect(scheduler.next() === first)
    }

    @Test("Heavy flows take turns")
    mutating func turns() {
        let flows = [heavyFlow(), heavyFlow(), heavyFlow()]
        for turn in 0..<9 {
            let flow = scheduler.next()
            #expect(flow === flows[turn % 3])
            if let flow { scheduler.charge(flow, quantum, hasMore: true) }
        }
    }

    @Test("The unused part of a turn is not saved for later turns")
    mutating func nothingSaved() {
        let (flow, other) = (heavyFlow(), heavyFlow())
        for _ in 0..<5 {
            #expect(scheduler.next() === flow)
            #expect(flow.schedule.allowance == quantum)
            scheduler.charge(flow, 1, hasMore: true)
            #expect(scheduler.next() === other)
            scheduler.charge(other, quantum, hasMore: true)
        }
    }

    @Test("An expensive line costs the flow later turns", arguments: [false, true])
    mutating func expensiveLine(comesBack: Bool) {
        let (expensive, other) = (heavyFlow(), heavyFlow())
        #expect(scheduler.next() === expensive)
        scheduler.charge(expensive, 10 * quantum, hasMore: !comesBack)
        // A pause in between changes nothing.
        if comesBack { scheduler.enqueue(expensive) }
        for _ in 0..<10 {
            #expect(scheduler.next() === other)
            scheduler.charge(other, quantum, hasMore: true)
        }
        #expect(scheduler.next() === expensive)
        #expect(expensive.schedule.allowance == quantum)
    }

    @Test("A flow with negative credit that is alone has its turn at once")
    mutating func aloneWithDebts() {
        let flow = heavyFlow()
        #expect(scheduler.next() === flow)
        scheduler.charge(flow, 100 * quantum + 1, hasMore: true)
        #expect(scheduler.next() === flow)
        #expect(flow.schedule.allowance == quantum - 1)
    }

    @Test("A flow is queued once")
    mutating func queuedOnce() {
        let flow = Flow()
        #expect(scheduler.isEmpty)
        for _ in 0..<3 { scheduler.enqueue(flow) }
        #expect(flow.schedule.isQueued)
        #expect(!scheduler.isEmpty)
        #expect(scheduler.next() === flow)
        #expect(!flow.schedule.isQueued)
        #expect(scheduler.isEmpty)
        scheduler.charge(flow, quantum, hasMore: true)
        #expect(!scheduler.isEmpty)
        scheduler.enqueue(flow)
        #expect(scheduler.next() === flow)
        // Input can arrive during the turn.
        scheduler.enqueue(flow)
        scheduler.charge(flow, quantum, hasMore: true)
        #expect(scheduler.next() === flow)
        // One line can always be read.
        #expect(flow.schedule.allowance == 1)
        #expect(scheduler.next() == nil)
    }

    @Test("A flow without more input leaves")
    mutating func leaves() {
        let flow = heavyFlow()
        #expect(scheduler.next() === flow)
        scheduler.charge(flow, 3 * quantum, hasMore: false)
        #expect(!flow.schedule.isQueued)
        #expect(scheduler.next() == nil)
    }

    @Test("Property: heavy flows share by cost, within one quantum and one line, whatever their lines cost")
    func equalShares() {
        var random = SeededGenerator()
        for _ in 0..<100 {
            var scheduler = ReadScheduler<Flow>(quantum: quantum)
            let flows = (0..<Int.random(in: 2...8, using: &random)).map { _ in Flow() }
            let largestLines = flows.map { _ in Int.random(in: 1...3 * quantum, using: &random) }
            let bound = quantum + (largestLines.max() ?? 0)
            for flow in flows { scheduler.enqueue(flow) }
            for _ in 0..<500 {
                guard let flow = scheduler.next(), let index = flows.firstIndex(where: { $0 === flow }) else { break }
                var cost = 0
                while cost < flow.schedule.allowance {
                    cost += Int.random(in: 1...largestLines[index], using: &random)
                }
                flow.used += cost
                // Input that arrives shortly after the turn is in time, because others have their turns first.
                let comesBack = Bool.random(using: &random)
                scheduler.charge(flow, cost, hasMore: !comesBack)
                if comesBack { scheduler.enqueue(flow) }
                let used = flows.map(\.used)
                #expect((used.max() ?? 0) - (used.min() ?? 0) <= bound, "\(random)")
            }
            #expect(flows.allSatisfy { $0.used >= 10 * quantum }, "\(random)")
        }
    }

    @Test("1,000 flows that use just less than a quantum delay a sparse flow by 1,000 quanta, a heavy one by 2,000")
    mutating func justLess() {
        var random = SeededGenerator()
        var sparse = Flow()
        let heavy = heavyFlow()
        for _ in 0..<1_000 { scheduler.enqueue(Flow()) }
        var (sparseWait, heavyWait, heavyTurns) = (0, 0, 0)
        for _ in 0..<20_000 {
            guard let flow = scheduler.next() else { break }
            if flow === heavy {
                (heavyWait, heavyTurns) = (0, heavyTurns + 1)
                scheduler.charge(flow, quantum, hasMore: true)
            } else if flow === sparse {
                sparse = Flow()
            } else {
                // In one line, which may be more than its allowance.
                scheduler.charge(flow, quantum - 1, hasMore: false)
                scheduler.enqueue(flow)
                sparseWait = sparse.schedule.isQueued ? sparseWait + quantum - 1 : 0
                heavyWait += quantum - 1
            }
            #expect(sparseWait <= 1_000 * quantum, "\(random)")
            #expect(heavyWait <= 2_000 * quantum, "\(random)")
            if Int.random(in: 0..<100, using: &random) == 0 { scheduler.enqueue(sparse) }
        }
        #expect(heavyTurns >= 15, "\(random)")
    }
}
