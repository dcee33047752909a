import EventLoop
import TestSupport
import Testing

@testable import ChatServer

struct DrainWatchTests {
    private let start = Instant(nanoseconds: 1_000_000_000_000)
    private let minimum = 16 << 10

    @Test("A receiver that is behind is looked at a second later, when it may be waited for, and then when it stalls")
    func lasting() {
        var watch = DrainWatch()
        #expect(!watch.isOn && watch.deadline == nil)
        watch.note(drained: 0, minimum: minimum, at: start)
        #expect(!watch.isLasting && watch.deadline == start + .seconds(1))
        watch.note(drained: 0, minimum: minimum, at: start + .seconds(1))
        #expect(watch.isLasting && watch.deadline == start + .seconds(10))
        watch.setHold(.floods, at: start + .seconds(1))
        #expect(watch.hold == .floods && watch.deadline == start + .seconds(9))
        watch.end(at: start + .seconds(1))
        #expect(!watch.isOn && !watch.isLasting && watch.hold == .nobody)
    }

    @Test("One that has stalled holds up nobody, and one that drains again does")
    func stalled() {
        var watch = DrainWatch()
        watch.note(drained: 0, minimum: minimum, at: start)
        let later = start + .seconds(9)
        watch.setHold(.everybody, at: later)
        #expect(watch.hold == .nobody && !watch.isTooSlow(at: later))
        watch.note(drained: minimum, minimum: minimum, at: later)
        watch.setHold(.everybody, at: later)
        #expect(watch.hold == .everybody)
        #expect(watch.isTooSlow(at: start + .seconds(12)))
    }

    @Test("One that stalls, catches up and stalls again goes on where it stopped, but for the time in between")
    func debt() {
        var watch = DrainWatch()
        watch.note(drained: 0, minimum: minimum, at: start)
        watch.end(at: start + .seconds(8))
        let again = start + .seconds(11)
        watch.note(drained: 0, minimum: minimum, at: again)
        #expect(watch.paidUntil == again)
        watch.end(at: again)
        let later = again + .seconds(5)
        watch.note(drained: 0, minimum: minimum, at: later)
        #expect(watch.paidUntil == later + .seconds(5))
    }

    @Test("However a receiver stalls and catches up, the senders wait for no longer than what it drains may take")
    func bound() {
        var random = SeededGenerator()
        for _ in 0..<200 {
            // What the senders waited for and was not drained, nor made up for by a time in which nobody waited.
            var (watch, now, drained, owed) = (DrainWatch(), start, 0, 0.0)
            for _ in 0..<300 {
                let next = now + .milliseconds(Int.random(in: 1...10_000, using: &random))
                guard watch.isOn || Int.random(in: 0..<3, using: &random) > 0 else {
                    owed = max(owed - now.seconds(to: next), 0)
                    now = next
                    continue
                }
                watch.note(drained: drained, minimum: minimum, at: now)
                watch.setHold(.everybody, at: now)
                if watch.hold != .nobody { owed += now.seconds(to: min(watch.deadline ?? now, next)) }
                #expect(owed <= 9.001, "\(random)")
                let lump = Int.random(in: 0...(64 << 10), using: &random)
                owed = max(owed - Double(lump) / (0.9 * Double(minimum)), 0)
                drained += lump
                now = next
                watch.note(drained: drained, minimum: minimum, at: now)
                watch.setHold(.everybody, at: now)
                if Bool.random(using: &random) { watch.end(at: now) }
            }
        }
    }
}

extension Instant {
    fileprivate func seconds(to end: Self) -> Double { Double(end.nanoseconds - nanoseconds) / 1e9 }
}
