import FlowControl
import TestSupport
import Testing

@testable import ChatState

/// The output of a receiver that lags while it changes rooms, compared with an oracle.
struct OutputTests {
    /// A room, as an event loop sees it.
    private final class Room {
        let id: RoomID
        private var log = RoomLog()
        let reader: LogReader
        private let chunk: Int

        init(_ index: Int, chunk: Int) {
            id = RoomID(index: index)
            reader = LogReader(id)
            self.chunk = chunk
        }

        var end: Int { log.end }

        /// Whether the room would drop chunks for this line.
        func isFull(for line: [UInt8]) -> Bool { log.size + max(chunk, line.count + 1) > 8 * chunk }

        func say(_ line: [UInt8]) {
            log.append(.info(line + [UInt8(ascii: "\n")]), limit: 8 * chunk)
        }

        /// The reader retains the chunks, and the room needs none of them any more.
        func publish() {
            reader.update(from: log, needsPromptReports: false)
            log.trim(to: log.end)
        }
    }

    /// The order's side, and the receiver's.
    private final class Bench {
        var random: SeededGenerator
        let rooms: [Room]
        var output = Output()
        /// Decisions that were not collected yet.
        private var effects = Effects()
        /// The receiver's room according to the order.
        private var current: Int?
        private(set) var expected: [UInt8] = []
        private(set) var sent: [UInt8] = []
        private(set) var expectedMessages = 0
        private(set) var delivered = 0
        /// The remaining lines of lists that are not finished, by their first arrivals.
        private var lists: [Int: [UInt8]] = [:]
        private var number = 0
        private let usersLeave: Bool

        init(_ random: SeededGenerator, usersLeave: Bool) {
            self.usersLeave = usersLeave
            self.random = random
            let chunk = [16, 64, 1_000].randomElement(using: &self.random)!
            rooms = (0..<2).map { Room($0, chunk: chunk) }
        }

        private var position: Int { current.map { rooms[$0].end } ?? 0 }

        private func line(_ kind: String) -> [UInt8] {
            number += 1
            let length = Int.random(in: 0...[3, 80, 3_000].randomElement(using: &random)!, using: &random)
            return Array("\(kind) \(number) \(String(repeating: "x", count: length))".utf8)
        }

        func decide() {
            switch Int.random(in: 0..<12, using: &random) {
            case 0..<5:
                let room = Int.random(in: 0..<2, using: &random)
                let line = line("MSG \(room)")
                if rooms[room].isFull(for: line) { collect() }
                rooms[room].say(line)
                if room == current { expected += line + [UInt8(ascii: "\n")] }
            case 5..<7: reply(line("REPLY") + [UInt8(ascii: "\n")])
            case 7:
                let line = line("DM")
                let range = effects.append(line + [UInt8(ascii: "\n")])
                effects.add(.direct(range, DirectSender(group: .connection(0), size: line.count)), of: 0, at: position)
                expected += line + [UInt8(ascii: "\n")]
                expectedMessages += 1
            case 8: list()
            case 9: leave()
            default:
                leave()
                enter()
            }
        }

        private func reply(_ lines: [UInt8]) {
            let range = effects.append(lines)
            effects.add(.reply(range), of: 0, at: position)
            expected += lines
        }

        /// A list of some pieces.
        private func list() {
            guard let current else { return }
            let pieces = Int.random(in: 1...3, using: &random)
            number += 1
            var text: [UInt8] = []
            for _ in 0..<pieces { text += line("USER") + [UInt8(ascii: "\n")] }
            let first = number << 8
            lists[first] = text
            effects.add(
                .list(UserList(room: RoomID(index: current), arrivals: first..<first + 200)), of: 0, at: position)
            expected += text
        }

        /// Returns one line of a list. The list notices only when it reaches the remaining users that they have left.
        private func produce(_ list: inout UserList) -> [UInt8] {
            let first = list.arrivals.lowerBound & ~255
            guard let rest = lists[first], let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                list.arrivals = list.arrivals.upperBound..<list.arrivals.upperBound
                return []
            }
            lists[first] = Array(rest[(end + 1)...])
            let isLast = end + 1 == rest.count && !usersLeave
            list.arrivals =
                (isLast ? list.arrivals.upperBound : list.arrivals.lowerBound + 1)..<list.arrivals.upperBound
            return Array(rest[...end])
        }

        private func leave() {
            guard current != nil else { return }
            effects.add(.left(isExpelled: false), of: 0, at: position)
            current = nil
            if Bool.random(using: &random) { reply(Array("OK\n".utf8)) }
        }

        private func enter() {
            let room = Int.random(in: 0..<2, using: &random)
            effects.add(.entered(rooms[room].id), of: 0, at: rooms[room].end)
            current = room
        }

        /// The loop collects the decisions.
        func collect() {
            for room in rooms { room.publish() }
            let readers = rooms.map(\.reader)
            for entry in effects.entries { output.apply(entry, effects.bytes.span, readers) }
            effects.reset()
        }

        /// Sends once, `most` bytes at most. Returns how many.
        func send(most: Int) -> Int {
            var scratch: [UInt8] = []
            var taken: [UInt8] = []
            var count = 0
            // Moved out for the call, which calls back.
            var output = Output()
            swap(&output, &self.output)
            let written = output.send(
                through: &scratch, produce: { produce(&$0) }, delivered: { _ in count += 1 },
                { bytes in
                    let part = min(bytes.count, most)
                    bytes.extracting(0..<part).withUnsafeBufferPointer { taken += $0 }
                    return part
                })
            swap(&output, &self.output)
            sent += taken
            delivered += count
            #expect(written.count == taken.count, "\(random)")
            return taken.count
        }

        func cut() {
            output.cut(Array("END\n".utf8))
        }
    }

    @Test("Property: old room's lines, replies, new room's lines, however little is sent at a time")
    func changesOfRooms() {
        var random = SeededGenerator()
        for _ in 0..<300 {
            let bench = Bench(random, usersLeave: true)
            for _ in 0..<Int.random(in: 1...60, using: &bench.random) {
                bench.decide()
                if Int.random(in: 0..<3, using: &bench.random) == 0 { bench.collect() }
                if Int.random(in: 0..<3, using: &bench.random) == 0 {
                    let most = [0, 1, 10, 2_000, .max].randomElement(using: &bench.random)!
                    if bench.send(most: most) == 0, most > 0 { #expect(bench.output.isEmpty, "\(random)") }
                }
            }
            bench.collect()
            let step = Int.random(in: 1...3_000, using: &bench.random)
            // Each call sends something while output is pending.
            while bench.sent.count <= bench.expected.count, bench.send(most: step) > 0 {}
            #expect(bench.output.isEmpty, "\(random)")
            #expect(bench.sent == bench.expected, "\(random)")
            #expect(bench.delivered == bench.expectedMessages, "\(random)")
            #expect(bench.output.size == 0 && bench.output.replies.lists == 0, "\(random)")
            random = bench.random
        }
    }

    @Test("A list whose users have all left, before a change of rooms, sends nothing", arguments: [false, true])
    func emptyList(_ entersAnother: Bool) {
        let rooms = [Room(0, chunk: 1_000), Room(1, chunk: 1_000)]
        rooms[0].say(Array("MSG old".utf8))
        for room in rooms { room.publish() }
        let readers = rooms.map(\.reader)
        var output = Output()
        var effects = Effects()
        var (scratch, sent): ([UInt8], [UInt8]) = ([], [])
        func carryOut() {
            for entry in effects.entries { output.apply(entry, effects.bytes.span, readers) }
            effects.reset()
            for _ in 0..<2 {
                _ = output.send(
                    through: &scratch,
                    produce: {
                        $0.arrivals = 9..<9
                        return []
                    }, delivered: { _ in },
                    { bytes in
                        bytes.withUnsafeBufferPointer { sent += $0 }
                        return bytes.count
                    })
            }
        }
        effects.add(.entered(rooms[0].id), of: 0, at: 0)
        carryOut()
        effects.add(.list(UserList(room: rooms[0].id, arrivals: 0..<9)), of: 0, at: rooms[0].end)
        effects.add(.left(isExpelled: false), of: 0, at: rooms[0].end)
        if entersAnother { effects.add(.entered(rooms[1].id), of: 0, at: 0) }
        carryOut()
        #expect(output.isEmpty)
        #expect(sent == Array("MSG old\n".utf8))
    }

    @Test("Property: wherever it is cut, an output ends with the rest of the line, and the last line")
    func cut() {
        var random = SeededGenerator()
        for _ in 0..<300 {
            let bench = Bench(random, usersLeave: true)
            for _ in 0..<Int.random(in: 1...60, using: &bench.random) {
                bench.decide()
                if Int.random(in: 0..<3, using: &bench.random) == 0 { bench.collect() }
                if Bool.random(using: &bench.random) {
                    _ = bench.send(most: [1, 10, 2_000].randomElement(using: &bench.random)!)
                }
            }
            bench.collect()
            let sent = bench.sent.count
            guard bench.expected.starts(with: bench.sent) else {
                Issue.record("Something else was sent: \(random)")
                return
            }
            bench.cut()
            while bench.send(most: 7) > 0 {}
            #expect(bench.output.isEmpty, "\(random)")
            let last = Array("END\n".utf8)
            #expect(bench.sent.suffix(last.count).elementsEqual(last), "\(random)")
            // To the end of the line in which it was cut, and no further.
            let lines = bench.sent.dropLast(last.count)
            let lineFeed = UInt8(ascii: "\n")
            let isMidLine = sent > 0 && bench.expected[sent - 1] != lineFeed
            let end = isMidLine ? (bench.expected[sent...].firstIndex(of: lineFeed) ?? sent) + 1 : sent
            #expect(lines.elementsEqual(bench.expected.prefix(end)), "\(random)")
            random = bench.random
        }
    }
}
