import EventLoop
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
        watch.end()
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
}
