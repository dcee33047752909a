import Histogram
import LoadSupport
import TestSupport
import Testing

@testable import chat_bench

@Suite("The ledger of what was sent and received")
struct LedgerTests {
    /// A room in which the test says what each receiver gets.
    private struct Rehearsal {
        let run: UInt32 = 77
        var ledger: Ledger
        var lines: [[UInt8]] = []

        init(receivers: Int, senders: Int = 1, echoes: Bool = true) {
            ledger = Ledger(receivers: receivers, senders: senders, echoes: echoes, run: run) {
                $0.starts(with: "PING".utf8)
            }
        }

        mutating func send(_ count: Int, from sender: Int = 0, at now: Nanoseconds = 0) {
            for _ in 0..<count {
                let message = ledger.send(from: sender, at: now)
                lines.append(Array("MSG someone ".utf8) + message.text(run: run, size: 40) + [10])
            }
        }

        mutating func receive(_ lines: some Sequence<[UInt8]>, by receiver: Int, at now: Nanoseconds = 0) {
            Array(lines.joined()).withUnsafeBytes { ledger.receive($0, by: receiver, at: now) }
        }
    }

    @Test("Lines that all get in one order are faultless, however they are cut and by whom they come first")
    func faultless() {
        var random = SeededGenerator()
        for _ in 0..<50 {
            let receivers = Int.random(in: 2...6, using: &random)
            var rehearsal = Rehearsal(receivers: receivers, senders: 2)
            var positions = Array(repeating: 0, count: receivers)
            for _ in 0..<60 {
                rehearsal.send(Int.random(in: 0...5, using: &random), from: Int.random(in: 0...1, using: &random))
                if Bool.random(using: &random) { rehearsal.lines.append(Array("INFO somebody joined\n".utf8)) }
                let receiver = Int.random(in: 0..<receivers, using: &random)
                let end = Int.random(in: positions[receiver]...rehearsal.lines.count, using: &random)
                rehearsal.receive(rehearsal.lines[positions[receiver]..<end], by: receiver)
                positions[receiver] = end
            }
            for receiver in 0..<receivers {
                rehearsal.receive(rehearsal.lines[positions[receiver]...], by: receiver)
            }
            rehearsal.ledger.close()
            #expect(rehearsal.ledger.faults.isEmpty, "\(random)")
            #expect(rehearsal.ledger.completed == rehearsal.ledger.sent, "\(random)")
            #expect(rehearsal.ledger.deliveries == rehearsal.ledger.sent * receivers, "\(random)")
        }
    }

    @Test("A line that one receiver does not get is lost, once")
    func lost() {
        var rehearsal = Rehearsal(receivers: 3)
        rehearsal.send(5)
        rehearsal.receive(rehearsal.lines, by: 0)
        rehearsal.receive(rehearsal.lines[..<2] + rehearsal.lines[3...], by: 1)
        rehearsal.receive(rehearsal.lines, by: 2)
        rehearsal.ledger.close()
        #expect(rehearsal.ledger.faults == Faults(lost: 1))
        // The load goes on: the line is nobody's to wait for.
        #expect(rehearsal.ledger.inFlight(of: 0) == 0)
    }

    @Test("Lines at the end that nobody gets are lost for everybody")
    func lostAtTheEnd() {
        var rehearsal = Rehearsal(receivers: 3)
        rehearsal.send(5)
        for receiver in 0..<3 { rehearsal.receive(rehearsal.lines[..<3], by: receiver) }
        rehearsal.ledger.close()
        #expect(rehearsal.ledger.faults == Faults(lost: 6))
    }

    @Test("The first receiver's loss is found when others get the line")
    func lostByTheFirst() {
        var rehearsal = Rehearsal(receivers: 2)
        rehearsal.send(3)
        rehearsal.receive([rehearsal.lines[0], rehearsal.lines[2]], by: 0)
        rehearsal.receive(rehearsal.lines, by: 1)
        rehearsal.ledger.close()
        // The second line came to one of them at a place where the other had another, and to that one never.
        #expect(rehearsal.ledger.faults.lost == 1)
        #expect(!rehearsal.ledger.faults.isEmpty)
    }

    @Test("A line that comes twice is duplicated", arguments: [1, 2])
    func duplicated(receiver: Int) {
        var rehearsal = Rehearsal(receivers: 3)
        rehearsal.send(4)
        rehearsal.receive(rehearsal.lines, by: 0)
        for other in [1, 2] {
            rehearsal.receive(
                other == receiver
                    ? rehearsal.lines[...1] + [rehearsal.lines[1]] + rehearsal.lines[2...] : rehearsal.lines[...],
                by: other)
        }
        rehearsal.ledger.close()
        #expect(rehearsal.ledger.faults == Faults(duplicated: 1))
    }

    @Test("The first receiver's duplicate is not taken for a line that the others lack")
    func duplicatedFirst() {
        var rehearsal = Rehearsal(receivers: 2)
        rehearsal.send(2)
        rehearsal.receive([rehearsal.lines[0], rehearsal.lines[0], rehearsal.lines[1]], by: 0)
        rehearsal.receive(rehearsal.lines, by: 1)
        rehearsal.ledger.close()
        #expect(rehearsal.ledger.faults == Faults(duplicated: 1))
    }

    @Test("Two lines in another order than the others' are misordered, not lost")
    func misordered() {
        var rehearsal = Rehearsal(receivers: 2, senders: 2)
        rehearsal.send(2, from: 0)
        rehearsal.send(2, from: 1)
        let lines = rehearsal.lines
        rehearsal.receive(lines, by: 0)
        rehearsal.receive([lines[0], lines[2], lines[1], lines[3]], by: 1)
        rehearsal.ledger.close()
        #expect(rehearsal.ledger.faults == Faults(misordered: 1))
        #expect(rehearsal.ledger.deliveries == 8)
    }

    @Test("One sender's lines in another order than it has sent them are misordered, also where all get them so")
    func misorderedForAll() {
        var rehearsal = Rehearsal(receivers: 2)
        rehearsal.send(3)
        let lines = rehearsal.lines
        for receiver in 0..<2 { rehearsal.receive([lines[0], lines[2], lines[1]], by: receiver) }
        rehearsal.ledger.close()
        #expect(rehearsal.ledger.faults == Faults(misordered: 1))
    }

    @Test("A line that all get twice, in a wrong order too, is told from a new one")
    func duplicatedForAll() {
        var rehearsal = Rehearsal(receivers: 2)
        rehearsal.send(2)
        let lines = rehearsal.lines
        // The second line has reached everybody when the first has not, and comes again.
        for receiver in 0..<2 { rehearsal.receive([lines[1]], by: receiver) }
        for receiver in 0..<2 { rehearsal.receive([lines[0], lines[1]], by: receiver) }
        rehearsal.ledger.close()
        #expect(rehearsal.ledger.faults == Faults(duplicated: 2, misordered: 1))
    }

    @Test("A line for one receiver alone is unexpected, and shown")
    func unexpected() {
        var rehearsal = Rehearsal(receivers: 2)
        rehearsal.send(2)
        rehearsal.receive(rehearsal.lines, by: 0)
        rehearsal.receive([rehearsal.lines[0], Array("ERR too-slow\n".utf8), rehearsal.lines[1]], by: 1)
        rehearsal.ledger.close()
        #expect(rehearsal.ledger.faults == Faults(unexpected: 1))
        #expect(rehearsal.ledger.unexpectedLine == "ERR too-slow")
    }

    @Test("A private line disturbs none of those around it, and is handed out")
    func aside() {
        var rehearsal = Rehearsal(receivers: 2)
        let header = Array("MSG bench 1 40\n".utf8)
        for _ in 0..<3 {
            rehearsal.lines.append(header)
            rehearsal.send(1)
        }
        let ping = Array("PING\n".utf8)
        rehearsal.receive(rehearsal.lines, by: 0)
        rehearsal.receive(rehearsal.lines[..<4] + [ping] + rehearsal.lines[4...], by: 1)
        let asides = rehearsal.ledger.takeAsides()
        rehearsal.ledger.close()
        #expect(rehearsal.ledger.faults.isEmpty)
        #expect(asides.map(\.receiver) == [1])
        #expect(asides.map(\.line) == [ping])
    }

    @Test("Where the sender does not get its own lines, these are not missed")
    func withoutEcho() {
        var rehearsal = Rehearsal(receivers: 3, echoes: false)
        rehearsal.send(3)
        rehearsal.receive(rehearsal.lines, by: 2)
        rehearsal.receive(rehearsal.lines, by: 1)
        // What others say is still the sender's to get.
        let foreign = Array(":eve PRIVMSG #bench :hello\n".utf8)
        for receiver in 0..<3 { rehearsal.receive([foreign], by: receiver) }
        rehearsal.ledger.close()
        #expect(rehearsal.ledger.faults.isEmpty)
        #expect(rehearsal.ledger.completed == 3)
    }

    @Test("Each delivery's time counts from when its line was sent or due")
    func latency() {
        var rehearsal = Rehearsal(receivers: 2)
        rehearsal.send(1, at: 1_000)
        rehearsal.send(1, at: 2_000)
        rehearsal.receive(rehearsal.lines, by: 0, at: 3_000)
        rehearsal.receive(rehearsal.lines, by: 1, at: 9_000)
        let latency = Latency(rehearsal.ledger.latency)
        #expect(rehearsal.ledger.latency.totalCount == 4)
        #expect(latency.maximum == 8)
        #expect(latency.p50 == 2)
    }
}
