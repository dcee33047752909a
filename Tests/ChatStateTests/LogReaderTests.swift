import TestSupport
import Testing

@testable import ChatState

struct LogReaderTests {
    private static func bytes(of tail: LogTail, from position: Int) -> [UInt8] {
        tail.withBytes(from: position) { bytes in bytes.withUnsafeBufferPointer { Array($0) } }
    }

    @Test("Property: tails, one after the other, are the log, in whatever chunks it is")
    func tails() {
        var random = SeededGenerator()
        for _ in 0..<30 {
            var (log, said) = (RoomLog(), [UInt8]())
            let reader = LogReader(.lobby)
            // No chunk is larger than an eighth of the limit.
            let limit = [40_000, 100_000, 1 << 20].randomElement(using: &random)!
            var (position, received) = (0, [UInt8]())
            for _ in 0..<40 {
                for _ in 0..<Int.random(in: 0...3, using: &random) {
                    let line = (0..<Int.random(in: 1...5_000, using: &random)).map { _ in
                        UInt8.random(in: 0...255, using: &random)
                    }
                    log.append(.info(line), limit: limit)
                    said += line
                }
                reader.update(from: log, needsPromptReports: false)
                let end = reader.tailEnd(after: position)
                #expect(end == reader.end || end >= position + Output.pieceSize)
                // A sweep may take several turns, and some of its members are already farther.
                let start = Int.random(in: position...end, using: &random)
                #expect(
                    Self.bytes(of: reader.tail(from: position, upTo: end), from: start)
                        == Array(said[start..<end]))
                received += Self.bytes(of: reader.tail(from: position, upTo: end), from: position)
                position = end
                log.trim(to: position)
                if Bool.random(using: &random) { reader.release() }
            }
            #expect(received == Array(said[..<position]))
        }
    }

    @Test("A tail from a position that was released begins after it, or is empty")
    func releasedTail() {
        var log = RoomLog()
        let reader = LogReader(.lobby)
        log.append(.info(Array(repeating: 1, count: 10_000)), limit: 64)
        reader.update(from: log, needsPromptReports: false)
        log.append(.info(Array(repeating: 2, count: 10_000)), limit: 64)
        log.trim(to: 10_000)
        reader.update(from: log, needsPromptReports: false)
        reader.release()
        log.append(.info(Array(repeating: 3, count: 10_000)), limit: 30_000)
        reader.update(from: log, needsPromptReports: false)
        #expect(reader.tail(from: 0, upTo: 20_000).start == 10_000)
        #expect(reader.tail(from: 0, upTo: 30_000).start == 10_000)
        let empty = reader.tail(from: 0, upTo: 10_000)
        #expect((empty.start, empty.end) == (10_000, 10_000))
    }
}
