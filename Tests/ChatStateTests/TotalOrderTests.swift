import ChatProtocol
import ChatState
import FlowControl
import Foundation
import OrderSupport
import TestSupport
import Testing

struct TotalOrderTests {
    /// An event loop with one user, which reads everything at once.
    private final class Loop {
        private let loop: SocketlessLoop
        private let user: SocketlessClient
        private var now = Nanoseconds.seconds(1)

        init(_ index: Int, of order: LocalOrder) {
            loop = SocketlessLoop(index, of: order)
            user = loop.connect(1)
        }

        var received: [UInt8] { user.received }

        /// Says a line, each in its own second, so that no line is a bulk line.
        func say(_ line: String) {
            now += .seconds(1)
            user.say(Array(line.utf8), at: now)
        }

        func collect() { loop.turn() }
    }

    @Test("Whatever many threads say at once, every event loop gets the same lines in the same order")
    func oneOrder() {
        let (loops, lines) = (4, 2_000)
        var limits = OrderLimits()
        // So that no line is a bulk line.
        limits.interactiveRate = 1 << 30
        let order = LocalOrder(loops: loops, limits: limits)
        // Each is used by one thread at a time.
        nonisolated(unsafe) let all = (0..<loops).map { Loop($0, of: order) }
        for (index, loop) in all.enumerated() {
            loop.say("LOGIN user\(index)")
            loop.collect()
        }
        DispatchQueue.concurrentPerform(iterations: loops) { index in
            for line in 0..<lines {
                all[index].say("MSG \(line)")
                if line.isMultiple(of: 7) { all[index].collect() }
            }
        }
        for loop in all { loop.collect() }
        let received = all.map { loop in
            String(decoding: loop.received, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("MSG ") }
        }
        #expect(Set(received).count == 1)
        #expect(received[0].count == loops * lines)
        for loop in 0..<loops {
            let own = received[0].filter { $0.hasPrefix("MSG user\(loop) ") }
            #expect(own == (0..<lines).map { "MSG user\(loop) \($0)" })
        }
    }

    @Test("A loop is woken for lines that one of its members receives, and for nothing else")
    func wakes() {
        let audience = Audience(loops: 3)
        let (first, _, third) = (audience.connect(), audience.connect(), audience.connect())
        audience.say(first, "LOGIN first")
        #expect(Array(audience.turn(of: 0).wakes) == [])
        audience.say(third, "LOGIN third")
        #expect(Array(audience.turn(of: 2).wakes) == [0])
        _ = audience.turn(of: 0)
        audience.say(first, "MSG hello")
        #expect(Array(audience.turn(of: 0).wakes) == [2])
        _ = audience.turn(of: 2)
        audience.say(third, "PING")
        #expect(Array(audience.turn(of: 2).wakes) == [])
        audience.say(first, "DM third hello", "DM first hello")
        #expect(Array(audience.turn(of: 0).wakes) == [2])
    }

    @Test("Whatever others say at the same time, nothing comes after the reason for which a session is closed")
    func reasonIsLast() {
        let order = LocalOrder(loops: 2)
        DispatchQueue.concurrentPerform(iterations: 2) { loop in
            if loop == 0 {
                let talker = Loop(0, of: order)
                for line in ["LOGIN talker"] + Array(repeating: "MSG hi", count: 20_000) { talker.say(line) }
            } else {
                var (effects, readers, report) = (Effects(), [LogReader](), LoopReport())
                for number in UInt64(1)...5_000 {
                    var session = Session(
                        .init(loop: 1, number: number), group: .connection(number), in: order)
                    _ = session.receive(Array("LOGIN guest\(number)".utf8).span, at: 1)
                    session.close(for: .idleTimeout)
                    effects.reset()
                    for reader in readers { reader.needs.all = .max }
                    _ = order.collect(for: 1, into: &effects, &readers, &report)
                    let own = effects.entries.filter { $0.connection == number }
                    guard own.count == 4, case .left = own[2].kind, case .reply = own[3].kind else {
                        Issue.record("The reason is not the last that the session is sent")
                        return
                    }
                }
            }
        }
    }

    @Test("Whatever others say at the same time, the answer to WHO has its place in the order")
    func placeOfList() {
        let order = LocalOrder(loops: 2)
        var sessions = (0..<1_000).map {
            Session(.init(loop: 1, number: $0), group: .connection($0), in: order)
        }
        for index in sessions.indices { _ = sessions[index].receive(Array("LOGIN user\(index)".utf8).span, at: 1) }
        nonisolated(unsafe) var lister = sessions[0]
        DispatchQueue.concurrentPerform(iterations: 2) { loop in
            if loop == 0 {
                let talker = Loop(0, of: order)
                talker.say("LOGIN talker")
                for _ in 0..<20_000 {
                    talker.say("MSG hi")
                    talker.say("DM user0 hi")
                }
            } else {
                var (effects, readers, report) = (Effects(), [LogReader](), LoopReport())
                for _ in 0..<1_000 {
                    _ = lister.receive(Array("WHO".utf8).span, at: 1)
                    effects.reset()
                    for reader in readers { reader.needs.all = .max }
                    _ = order.collect(for: 1, into: &effects, &readers, &report)
                    let positions = effects.entries.filter { $0.connection == 0 }.map(\.position)
                    guard positions == positions.sorted() else {
                        Issue.record("The answer comes after lines that were said after it")
                        return
                    }
                }
            }
        }
    }

    @Test("Property: of one name, at most one of many threads gets it")
    func contendedName() {
        for _ in 0..<50 {
            let order = LocalOrder(loops: 4)
            DispatchQueue.concurrentPerform(iterations: 4) { loop in
                var session = Session(
                    .init(loop: loop, number: 1), group: .connection(1), in: order)
                _ = session.receive(Array("LOGIN same".utf8).span, at: 1)
            }
            let replies = (0..<4).map { loop in
                var (effects, readers, report) = (Effects(), [LogReader](), LoopReport())
                _ = order.collect(for: loop, into: &effects, &readers, &report)
                return String(decoding: effects.bytes, as: UTF8.self)
            }
            #expect(replies.sorted() == Array(repeating: "ERR username-taken\n", count: 3) + ["OK\n"])
        }
    }
}
