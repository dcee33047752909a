import FlowControl
import TestSupport
import Testing

struct TokenBucketTests {
    private let rate = TokenBucket.Rate(burst: 10, interval: .seconds(2))

    @Test("A new bucket holds its burst")
    func burst() {
        var bucket = TokenBucket()
        #expect(bucket.isFull(at: 0))
        let taken = (0..<11).map { _ in bucket.tryTake(1, rate, at: 0) }
        #expect(taken == Array(repeating: true, count: 10) + [false])
        #expect(!bucket.isFull(at: 0))
    }

    @Test("A bucket refills at its rate, to the nanosecond, and no further than its burst")
    func refill() {
        var bucket = TokenBucket()
        bucket.take(10, rate, at: .seconds(100))
        #expect(!bucket.isFull(at: .seconds(120) - 1))
        #expect(bucket.isFull(at: .seconds(120)))
        bucket.take(10, rate, at: .seconds(1_000))
        #expect(bucket.refillInstant(rate) == .seconds(1_000) + 1)
    }

    @Test(
        "A bucket below zero holds tokens again one nanosecond after it was at zero, and a whole one after its interval"
    )
    func refillInstant() {
        var bucket = TokenBucket()
        bucket.take(13, rate, at: .seconds(100))
        #expect(bucket.refillInstant(rate) == .seconds(106) + 1)
        let taken = [.seconds(108) - 1, .seconds(108)].map { bucket.tryTake(1, rate, at: $0) }
        #expect(taken == [false, true])
    }

    @Test("Tokens that are not all there are not taken")
    func tryTake() {
        var bucket = TokenBucket()
        let taken = [11, 10, 1].map { bucket.tryTake($0, rate, at: .seconds(100)) }
        #expect(taken == [false, true, false])
    }

    @Test(
        "Taking tokens may leave the bucket below zero, down to minus the burst", arguments: [20, 21, 1_000])
    func lowest(count: Int) {
        var bucket = TokenBucket()
        bucket.take(count, rate, at: .seconds(100))
        #expect(bucket.refillInstant(rate) == .seconds(120) + 1)
        bucket.take(count, rate, at: .seconds(110))
        #expect(bucket.refillInstant(rate) == .seconds(130) + 1)
        #expect(bucket.isFull(at: .seconds(150)))
    }

    @Test("A huge count does not overflow", arguments: [Nanoseconds(1), 3, .seconds(2)])
    func hugeCount(interval: Nanoseconds) {
        let rate = TokenBucket.Rate(burst: 10, interval: interval)
        var bucket = TokenBucket()
        bucket.take(.max, rate, at: .seconds(100))
        bucket.take(.max, rate, at: .seconds(100))
        #expect(bucket.refillInstant(rate) == .seconds(100) + 10 * interval + 1)
    }

    @Test("A count of zero or less takes nothing", arguments: [0, -1, .min])
    func noCount(count: Int) {
        var bucket = TokenBucket()
        bucket.take(count, rate, at: .seconds(100))
        #expect(bucket.isFull(at: .seconds(100)))
    }

    @Test("A rate in tokens a second is the same as an interval, and at least one token a second")
    func perSecond() {
        var bucket = TokenBucket()
        bucket.take(8_192, TokenBucket.Rate(burst: 8_192, perSecond: 128), at: 0)
        #expect(bucket.isFull(at: .seconds(64)))
        #expect(!bucket.isFull(at: .seconds(64) - 1))
        bucket.take(2, TokenBucket.Rate(burst: 2, perSecond: 0), at: .seconds(100))
        #expect(bucket.isFull(at: .seconds(102)))
        #expect(!bucket.isFull(at: .seconds(102) - 1))
    }

    @Test("Property: a bucket does what a counter of tokens does")
    func model() {
        var random = SeededGenerator()
        for _ in 0..<500 {
            let (burst, interval) = (Int.random(in: 1...20, using: &random), Int.random(in: 1...1_000, using: &random))
            let rate = TokenBucket.Rate(burst: burst, interval: Nanoseconds(interval))
            var bucket = TokenBucket()
            // In tokens times the interval.
            let full = burst * interval
            var (level, now) = (full, 0)
            for _ in 0..<50 {
                let pause = Int.random(in: 0...2 * full, using: &random) * Int.random(in: 0...1, using: &random)
                now += pause
                level = min(level + pause, full)
                let instant = bucket.refillInstant(rate)
                var copy = bucket
                let some = Int.random(in: 1...burst + 1, using: &random)
                let isTaken = copy.tryTake(some, rate, at: Nanoseconds(now))
                #expect(isTaken == (level >= some * interval), "\(random)")
                #expect(bucket.isFull(at: Nanoseconds(now)) == (level == full), "\(random)")
                #expect(level > 0 ? instant <= now : instant == now - level + 1, "\(random)")
                let count = Int.random(in: 0...burst + 5, using: &random)
                bucket.take(count, rate, at: Nanoseconds(now))
                level = max(level - count * interval, -full)
            }
        }
    }
}
