import FlowControl
import TestSupport
import Testing

struct ReceiverHealthTests {
    /// In bytes a second.
    private let rate = 16_000

    /// A receiver that has just become unhealthy.
    private func unhealthy(at now: Nanoseconds) -> ReceiverHealth {
        var health = ReceiverHealth(at: now - ReceiverHealth.capacity - 1)
        health.observe(at: now)
        return health
    }

    @Test("A receiver that acknowledges nothing is healthy for 60 s, to the nanosecond")
    func fullAtStart() {
        var health = ReceiverHealth(at: .seconds(100))
        #expect(health.isHealthy)
        #expect(health.nextChange == .seconds(160) + 1)
        health.observe(at: .seconds(160))
        #expect(health.isHealthy)
        health.observe(at: .seconds(160) + 1)
        #expect(!health.isHealthy)
        #expect(health.nextChange == nil)
    }

    @Test("Acknowledged bytes count at the minimum rate")
    func refill() {
        var health = ReceiverHealth(at: .seconds(100))
        health.acknowledge(roomBytes: 5 * rate, minimumRate: rate, at: .seconds(110))
        #expect(health.nextChange == .seconds(165) + 1)
    }

    @Test("A receiver cannot save more than 60 s", arguments: [60 * 16_000, 61 * 16_000, .max])
    func capacity(bytes: Int) {
        var health = ReceiverHealth(at: .seconds(100))
        health.acknowledge(roomBytes: bytes, minimumRate: rate, at: .seconds(130))
        health.acknowledge(roomBytes: bytes, minimumRate: rate, at: .seconds(130))
        #expect(health.nextChange == .seconds(190) + 1)
    }

    @Test("Property: a receiver at the minimum rate over every 60 s stays healthy, whatever the lumps")
    func lumps() {
        var random = SeededGenerator()
        for _ in 0..<200 {
            // Each rate divides 1,000,000,000, so that the time for a byte is a whole number of nanoseconds.
            let rate = [1, 1_000, 15_625, 16_000, 1_000_000].randomElement(using: &random) ?? 1
            // If every minute has the same lumps, every 60 s have the minimum, wherever they begin.
            var left = 60 * rate
            var minute: [(offset: Nanoseconds, bytes: Int)] = []
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let bytes = Int.random(in: 0...left, using: &random)
                minute.append((.random(in: 1...(.seconds(60)), using: &random), bytes))
                left -= bytes
            }
            minute.append((.random(in: 1...(.seconds(60)), using: &random), left))
            if Bool.random(using: &random) {
                // More bytes than the minimum.
                minute.append((.random(in: 1...(.seconds(60)), using: &random), 7 * rate))
            }
            minute.sort { $0.offset < $1.offset }
            var health = ReceiverHealth(at: .seconds(5))
            for number in 0..<60 as Range<UInt64> {
                for lump in minute {
                    let now = .seconds(5 + 60 * number) + lump.offset
                    health.observe(at: now)
                    #expect(health.isHealthy, "\(minute) at \(now), \(random)")
                    health.acknowledge(roomBytes: lump.bytes, minimumRate: rate, at: now)
                }
            }
        }
    }

    @Test("A receiver at half the minimum rate becomes unhealthy after 120 s")
    func halfRate() {
        var health = ReceiverHealth(at: 0)
        var second: UInt64 = 0
        while health.isHealthy, second < 1_000 {
            second += 1
            health.observe(at: .seconds(second))
            health.acknowledge(roomBytes: rate / 2, minimumRate: rate, at: .seconds(second))
        }
        #expect((119...121).contains(second))
    }

    @Test("A receiver is healthy again once it has 10 s, not before")
    func recovery() {
        let now = Nanoseconds.seconds(100)
        var health = unhealthy(at: now)
        health.acknowledge(roomBytes: 10 * rate - 1, minimumRate: rate, at: now)
        #expect(!health.isHealthy)
        health.acknowledge(roomBytes: 1, minimumRate: rate, at: now)
        #expect(health.isHealthy)
        #expect(health.nextChange == now + .seconds(10) + 1)
    }

    @Test("An unhealthy receiver at the minimum rate stays unhealthy: it has to catch up")
    func noRecovery() {
        var health = unhealthy(at: .seconds(100))
        for second in 101...1_000 as ClosedRange<UInt64> {
            health.acknowledge(roomBytes: rate, minimumRate: rate, at: .seconds(second))
            #expect(!health.isHealthy)
        }
    }

    @Test("The bucket of an unhealthy receiver does not fall below zero")
    func debt() {
        var health = unhealthy(at: .seconds(100))
        health.acknowledge(roomBytes: 10 * rate, minimumRate: rate, at: .seconds(5_000))
        #expect(health.isHealthy)
    }

    @Test("The largest and the smallest numbers do not overflow", arguments: [Int.min, 0, 1, .max])
    func overflow(rate: Int) {
        var health = unhealthy(at: .seconds(100))
        health.acknowledge(roomBytes: .min, minimumRate: rate, at: .seconds(100))
        #expect(!health.isHealthy)
        // A byte a second, and a rate that no receiver reaches.
        health.acknowledge(roomBytes: .max, minimumRate: rate, at: .seconds(100))
        #expect(health.isHealthy == (rate <= 1))
    }

    @Test("The last progress is when the peer last acknowledged anything")
    func progress() {
        var health = ReceiverHealth(at: .seconds(1))
        #expect(health.lastProgress == .seconds(1))
        health.progress(at: .seconds(2))
        health.observe(at: .seconds(3))
        #expect(health.lastProgress == .seconds(2))
    }
}
