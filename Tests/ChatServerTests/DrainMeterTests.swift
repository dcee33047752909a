import EventLoop
import TestSupport
import Testing

@testable import ChatServer

struct DrainMeterTests {
    private let start = Instant(nanoseconds: 1_000_000_000_000)
    private let minimum = 16 << 10

    private func meter() -> DrainMeter { DrainMeter(minimum: minimum, drained: 0, at: start) }

    @Test("A receiver that drains nothing is waited for nine seconds, and has ten")
    func stalled() {
        #expect(meter().graceEnd == start + .seconds(9))
        #expect(meter().patienceEnd == start + .seconds(10))
    }

    @Test(
        "One that drains the minimum in lumps, of a second's worth or of eight, is waited for at any time",
        arguments: [1, 8])
    func steady(_ seconds: Int) {
        var meter = meter()
        for second in stride(from: seconds, to: 1_000, by: seconds) {
            let now = start + .seconds(second)
            #expect(meter.graceEnd > now)
            meter.note(drained: second * minimum, at: now)
        }
    }

    @Test("The network's own tenth is not held against a receiver")
    func overhead() {
        var meter = meter()
        for second in 1...1_000 {
            let now = start + .seconds(second)
            meter.note(drained: second * minimum * 91 / 100, at: now)
            #expect(meter.graceEnd > now)
        }
    }

    @Test("One that drains half of the minimum is given up in twenty seconds or so")
    func tooSlow() throws {
        var meter = meter()
        let end = (1...100).first { second in
            let now = start + .seconds(second)
            meter.note(drained: second * minimum / 2, at: now)
            return meter.patienceEnd <= now
        }
        #expect(try (20...26).contains(#require(end)))
    }

    @Test("What was drained fast pays for no later time")
    func noCredit() {
        var meter = meter()
        let now = start + .seconds(1)
        meter.note(drained: 1 << 40, at: now)
        #expect(meter.graceEnd == now + .seconds(9))
        meter.note(drained: .max, at: now + .seconds(3))
        #expect(meter.graceEnd == now + .seconds(12))
    }

    @Test("Whoever is waited for all the time has drained the minimum, but for the grace")
    func bound() {
        var random = SeededGenerator()
        for _ in 0..<200 {
            var (meter, now, drained) = (meter(), start, 0)
            repeat {
                #expect(meter.paidUntil <= now + .seconds(5))
                drained += Int.random(in: 0...(64 << 10), using: &random)
                now = now + .milliseconds(Int.random(in: 1...2_000, using: &random))
                guard meter.graceEnd > now else { break }
                meter.note(drained: drained, at: now)
                let seconds = Double(now.nanoseconds - start.nanoseconds) / 1e9
                #expect(Double(drained) >= 0.9 * Double(minimum) * (seconds - 9) - 1, "\(random)")
            } while now < start + .seconds(600)
        }
    }
}
