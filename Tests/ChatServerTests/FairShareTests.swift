import EventLoop
import TestSupport
import Testing

@testable import ChatServer

struct FairShareTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    @Test("The share grows while nobody else says anything, and is small at once when somebody does")
    func growth() {
        var share = FairShare(most: 64 << 10)
        for expected in [16, 16] {
            share.beginTurn(othersSpeak: true)
            #expect(share.current == expected << 10)
        }
        for expected in [32, 64, 64] {
            share.beginTurn(othersSpeak: false)
            #expect(share.current == expected << 10)
        }
        share.startAgain()
        #expect(share.current == 16 << 10)
    }

    @Test("Those who flood get a quarter of the time, however long their turns are")
    func part() {
        var random = SeededGenerator()
        var (share, now, served) = (FairShare(most: 64 << 10), start, UInt64(0))
        for _ in 0..<1_000 {
            let elapsed = UInt64.random(in: 1...50_000_000, using: &random)
            let end = Instant(nanoseconds: now.nanoseconds + elapsed)
            share.noteFlood()
            share.endTurn(begunAt: now, now: end)
            served += elapsed
            now = share.floodsResume
            #expect((now.nanoseconds - start.nanoseconds) == 4 * served, "\(random)")
        }
        share.endTurn(begunAt: now, now: now + .seconds(1))
        #expect(share.floodsResume == now)
    }

    @Test("While receivers are behind, one who floods goes on once a second, whoever else floods meanwhile")
    func overdue() {
        var share = FairShare(most: 64 << 10)
        #expect(share.floodsOverdue < start)
        share.noteOverdue(at: start)
        share.noteFlood()
        share.endTurn(begunAt: start, now: start + .milliseconds(1))
        #expect(share.floodsOverdue == start + .seconds(1))
    }

    @Test("A turn that was long, as where the process was stopped, makes no pause longer than a second")
    func longTurn() {
        var share = FairShare(most: 64 << 10)
        share.noteFlood()
        share.endTurn(begunAt: start, now: start + .seconds(600))
        #expect(share.floodsResume == start + .seconds(601))
    }
}
