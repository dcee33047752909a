import Testing

@testable import EventLoop

struct InstantTests {
    @Test("A duration is added to the nanosecond, and one of millions of years is not too much")
    func addition() {
        let start = Instant(nanoseconds: 5)
        #expect(start + .zero == start)
        #expect(start + .nanoseconds(7) == Instant(nanoseconds: 12))
        #expect(start + (.seconds(3) + .milliseconds(1)) == Instant(nanoseconds: 3_001_000_005))
        #expect(start + .seconds(Int64.max) == Instant(nanoseconds: .max))
        #expect(start + .nanoseconds(Int64.max) + .nanoseconds(Int64.max) == Instant(nanoseconds: .max))
        // The last second that fits, and more of a fraction than does.
        #expect(start + (.seconds(18_446_744_073) + .nanoseconds(999_999_999)) == Instant(nanoseconds: .max))
        #expect(start + .seconds(-1) == start)
    }

    @Test("The clock does not go back")
    func order() {
        var last = Instant.now
        for _ in 0..<1_000 {
            let now = Instant.now
            #expect(now >= last)
            last = now
        }
    }
}
