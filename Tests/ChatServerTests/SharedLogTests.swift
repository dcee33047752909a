import ChatProtocol
import TestSupport
import Testing

@testable import ChatServer

struct SharedLogTests {
    @Test("What is kept can be read at its position, and what nobody needs is forgotten in chunks")
    func positions() {
        var random = SeededGenerator()
        for _ in 0..<20 {
            var (log, all, needed) = (SharedLog(), [UInt8](), 0)
            for _ in 0..<100 {
                let lines = (0..<Int.random(in: 0...30_000, using: &random)).map { _ in random.next8() }
                log.append(lines.span)
                all += lines
                #expect(log.end == all.count)
                needed = Int.random(in: needed...all.count, using: &random)
                log.trim(to: needed)
                #expect(log.start <= needed, "\(random)")
                #expect(needed - log.start < 64 << 10, "\(random)")
                let end = Int.random(in: needed...all.count, using: &random)
                #expect(log.bytes(needed..<end) == Array(all[needed..<end]), "\(random)")
            }
            log.trim(to: log.end)
            #expect(log.isEmpty)
        }
    }

    @Test("The largest addition is forgotten with what it brought")
    func largestAddition() {
        var log = SharedLog()
        log.append([1, 2, 3].span)
        log.append([4].span)
        #expect(log.largestAddition == 3)
        log.trim(to: log.end)
        #expect(log.largestAddition == 0)
    }
}

extension SeededGenerator {
    fileprivate mutating func next8() -> UInt8 { UInt8.random(in: .min ... .max, using: &self) }
}
