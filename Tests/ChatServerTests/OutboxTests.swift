import ChatProtocol
import ChatTransport
import EventLoop
import TestSupport
import Testing

@testable import ChatServer

struct OutboxTests {
    /// Takes as much as it is let, and checks that what had to wait comes again.
    private final class Sink: Transport {
        private(set) var received: [UInt8] = []
        private var waiting: [UInt8] = []
        var room = 0

        func write(_ bytes: Span<UInt8>) throws(TransportError) -> WriteProgress {
            let begin = bytes.withUnsafeBufferPointer { Array($0.prefix(Record.maximumSize)) }
            #expect(begin.starts(with: waiting), "A retry begins with other bytes")
            guard room > 0 else {
                waiting = begin
                return .waits(for: .writable)
            }
            let count = min(room, bytes.count)
            bytes.extracting(..<count).withUnsafeBufferPointer { received += $0 }
            room -= count
            waiting = []
            return .bytes(count)
        }

        func establish() -> Completion { .done }
        func refuse() {}
        var peerNames: [String]? { nil }
        func read(into buffer: inout MutableSpan<UInt8>) -> ReadProgress { .end }
        var readsByRecord: Bool { false }
        func shutDown(closes: Bool) -> Completion { .done }
    }

    /// A receiver that lags, and what it is to get.
    private struct Bench {
        var (outbox, log, sink) = (Outbox(), SharedLog(), Sink())
        var expected: [UInt8] = []

        mutating func announce(_ line: String) {
            log.append(Array(line.utf8).span)
            expected += line.utf8
        }

        mutating func reply(_ line: String) {
            outbox.advance(to: log.end)
            outbox.append(Array(line.utf8).span)
            expected += line.utf8
        }

        mutating func flush(room: Int) throws {
            sink.room = room
            outbox.unblock()
            let before = outbox.count(at: log.end)
            let taken = try outbox.flush(over: sink, from: log)
            #expect(outbox.count(at: log.end) == before - taken)
            #expect(outbox.count(at: log.end) == expected.count - sink.received.count)
            log.trim(to: outbox.firstShared ?? log.end)
        }
    }

    private func line(_ number: Int, _ random: inout SeededGenerator) -> String {
        "\(number) " + String(repeating: "x", count: .random(in: 0...5_000, using: &random)) + "\n"
    }

    @Test("What one alone gets and what all get leave in their order, however little the transport takes")
    func order() throws {
        var random = SeededGenerator()
        for _ in 0..<20 {
            var bench = Bench()
            bench.outbox.follow(from: bench.log.end)
            for number in 0..<300 {
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bench.reply(line(number, &random))
                case 1, 2: bench.announce(line(number, &random))
                default: try bench.flush(room: .random(in: 0...40_000, using: &random))
                }
            }
            try bench.flush(room: .max)
            #expect(bench.sink.received == bench.expected, "\(random)")
            #expect(bench.outbox.hasCaughtUp(with: bench.log))
            #expect(bench.outbox.size == 0)
            #expect(bench.log.isEmpty)
            bench.outbox.unfollow(bench.log)
            #expect(bench.outbox.isEmpty)
        }
    }

    @Test("One that ends for being too slow gets the lines that it may have got in part, and those whole")
    func firstLines() throws {
        var random = SeededGenerator()
        for _ in 0..<100 {
            var bench = Bench()
            bench.outbox.follow(from: bench.log.end)
            for number in 0..<50 {
                if Bool.random(using: &random) {
                    bench.reply(line(number, &random))
                } else {
                    bench.announce(line(number, &random))
                }
                try bench.flush(room: .random(in: 0...2_000, using: &random))
            }
            let sent = bench.sink.received.count
            bench.outbox.keepFirstLines(of: bench.log)
            let kept = bench.outbox.count(at: bench.log.end)
            try #require(bench.outbox.firstShared == nil)
            bench.sink.room = .max
            bench.outbox.unblock()
            _ = try bench.outbox.flush(over: bench.sink, from: bench.log)
            #expect(bench.sink.received == Array(bench.expected.prefix(sent + kept)), "\(random)")
            #expect(bench.sink.received.last == UInt8(ascii: "\n"))
            // A record, and the rest of the line in which it ends.
            let rest = bench.expected.count - sent
            #expect(kept >= min(Record.maximumSize, rest) && kept < Record.maximumSize + 6_000, "\(random)")
        }
    }

    @Test("What one alone gets is accounted with the memory that it takes, however short")
    func manyParts() throws {
        var bench = Bench()
        bench.outbox.follow(from: bench.log.end)
        for _ in 0..<1_000 {
            bench.announce("for all\n")
            bench.reply("own\n")
        }
        #expect(bench.outbox.size > 1_000 * 128)
        try bench.flush(room: .max)
        #expect(bench.outbox.size == 0)
    }

    @Test("Nothing waits for one who does not lag, whatever the others are told")
    func doesNotFollow() {
        var bench = Bench()
        bench.announce("for others\n")
        bench.outbox.append(Array("own\n".utf8).span)
        bench.announce("for others\n")
        #expect(bench.outbox.count(at: bench.log.end) == 4)
        #expect(bench.outbox.firstShared == nil)
    }
}
