import TestSupport
import Testing

@testable import EventLoop

struct TimersTests {
    let start = Instant.now

    private func token(_ descriptor: CInt, _ generation: UInt32 = 0) -> Token {
        Token(descriptor: descriptor, generation: generation)
    }

    private func popAll(_ timers: inout Timers, at now: Instant) -> [Token] {
        var passed: [Token] = []
        while let token = timers.popPassed(at: now) { passed.append(token) }
        return passed
    }

    @Test("Deadlines pass in their order, each once, and none before its time")
    func order() {
        var timers = Timers()
        timers.set(start + .seconds(2), for: token(2))
        timers.set(start + .seconds(1), for: token(1))
        timers.set(start + .seconds(3), for: token(3))
        #expect(timers.next == start + .seconds(1))
        #expect(popAll(&timers, at: start + .milliseconds(999)) == [])
        #expect(popAll(&timers, at: start + .seconds(2)) == [token(1), token(2)])
        #expect(popAll(&timers, at: start + .seconds(9)) == [token(3)])
        #expect(popAll(&timers, at: start + .seconds(9)) == [])
        #expect(timers.next == nil)
    }

    @Test("A deadline that is taken back, or moves, does not pass at its old time")
    func moving() {
        var timers = Timers()
        timers.set(start + .seconds(1), for: token(1))
        timers.set(nil, for: token(1))
        timers.set(start + .seconds(1), for: token(2))
        timers.set(start + .seconds(5), for: token(2))
        timers.set(start + .seconds(9), for: token(3))
        timers.set(start + .seconds(2), for: token(3))
        #expect(popAll(&timers, at: start + .seconds(2)) == [token(3)])
        #expect(popAll(&timers, at: start + .seconds(5)) == [token(2)])
        #expect(popAll(&timers, at: start + .seconds(10)) == [])
    }

    @Test("Deadlines that are taken back do not pile up until they would have passed")
    func withdrawn() {
        var timers = Timers()
        timers.set(start + .seconds(60), for: token(0))
        for number in 1...100_000 {
            let token = token(CInt(number % 50 + 1), UInt32(number))
            timers.set(start + .seconds(30), for: token)
            timers.set(start + .seconds(5), for: token)
            timers.set(nil, for: token)
        }
        #expect(timers.count < 200)
        #expect(popAll(&timers, at: start + .seconds(60)) == [token(0)])
        #expect(timers.count == 0)
    }

    @Test("Property: as a plain list of deadlines would do")
    func againstList() {
        var random = SeededGenerator()
        var timers = Timers()
        var deadlines: [Token: Instant] = [:]
        var now = start
        for _ in 0..<20_000 {
            let token = token(.random(in: 0..<100, using: &random), .random(in: 0..<3, using: &random))
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let deadline = now + .milliseconds(Int.random(in: 1...50, using: &random))
                timers.set(deadline, for: token)
                // A descriptor has one token at a time: the last that was set.
                deadlines = deadlines.filter { $0.key.descriptor != token.descriptor }
                deadlines[token] = deadline
            case 6, 7:
                timers.set(nil, for: token)
                deadlines[token] = nil
            default:
                now = now + .milliseconds(Int.random(in: 0...20, using: &random))
                let expected = deadlines.filter { $0.value <= now }
                #expect(Set(popAll(&timers, at: now)) == Set(expected.keys), "\(random)")
                for token in expected.keys { deadlines[token] = nil }
                if let next = deadlines.values.min() { #expect(timers.next.map { $0 <= next } == true, "\(random)") }
            }
        }
    }
}
