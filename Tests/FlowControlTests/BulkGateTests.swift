import FlowControl
import TestSupport
import Testing

struct BulkGateTests {
    private let end = 1_000_000
    /// Closes above a lag of 3,200 and opens at 3,100.
    private var gate = BulkGate(roomLog: 6_400)

    private mutating func space(lag: Int) -> Int {
        gate.space(end: end, slowestHealthy: end - lag, sweepEnd: .max)
    }

    @Test("Half of the log is free while all receivers are up to date")
    mutating func upToDate() {
        #expect(space(lag: 0) == 3_201)
        #expect(space(lag: 1_000) == 2_201)
    }

    @Test("The gate closes as soon as a healthy receiver lags by more than half of the log")
    mutating func closes() {
        #expect(space(lag: 3_200) == 1)
        #expect(space(lag: 3_201) == 0)
        #expect(space(lag: 100_000) == 0)
    }

    @Test("A closed gate opens when the receiver lags by 1/64 of the log less, not before")
    mutating func opens() {
        #expect(space(lag: 3_201) == 0)
        #expect(space(lag: 3_101) == 0)
        #expect(space(lag: 3_100) == 101)
        #expect(space(lag: 3_200) == 1)
    }

    @Test("Bulk lines reach no further than what the event loops can send soon")
    mutating func sweepEnd() {
        #expect(gate.space(end: end, slowestHealthy: end - 1_000, sweepEnd: end + 2_200) == 2_200)
        #expect(gate.space(end: end, slowestHealthy: end - 1_000, sweepEnd: end + 2_202) == 2_201)
        #expect(gate.space(end: end, slowestHealthy: end, sweepEnd: end) == 0)
        #expect(gate.space(end: end, slowestHealthy: end, sweepEnd: end - 500) == 0)
        // The event loops do not close the gate: only receivers do.
        #expect(space(lag: 3_150) == 51)
    }

    @Test("If no healthy receiver lags, only the event loops limit bulk lines, and a closed gate opens")
    mutating func noReceiver() {
        #expect(space(lag: 3_201) == 0)
        #expect(gate.space(end: end, slowestHealthy: .max, sweepEnd: .max) == 3_201)
        #expect(gate.space(end: end, slowestHealthy: .max, sweepEnd: end + 10) == 10)
    }

    @Test("Property: the lag stays within half of the log, and a closed gate waits for 1/64 of it")
    func bounds() {
        var random = SeededGenerator()
        for _ in 0..<200 {
            let log = Int.random(in: 64...100_000, using: &random)
            var gate = BulkGate(roomLog: log)
            var (end, position, isClosed) = (0, 0, false)
            for _ in 0..<200 {
                let space = gate.space(end: end, slowestHealthy: position, sweepEnd: .max)
                isClosed = end - position > log / 2 - (isClosed ? log / 64 : 0)
                #expect((space == 0) == isClosed, "\(random)")
                end += Int.random(in: 0...1, using: &random) * space
                #expect(end - position <= log / 2 + 1, "\(random)")
                position += Int.random(in: 0...min(end - position, log / 40), using: &random)
            }
        }
    }
}
