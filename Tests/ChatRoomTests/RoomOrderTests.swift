import ChatProtocol
import ChatRoom
import Foundation
import Locking
import TestSupport
import Testing

struct RoomOrderTests {
    @Test("Whatever many threads say at once, every event loop gets the same lines in the same order")
    func oneOrder() {
        let (loops, lines) = (4, 2_000)
        let room = Room(loops: loops)
        let logs = LockedValue<[[UInt8]]>(Array(repeating: [], count: loops))
        DispatchQueue.concurrentPerform(iterations: loops) { loop in
            let session = Session(.init(loop: loop, number: 1), in: room)
            func say(_ line: String) { _ = session.receive(Array(line.utf8).span) }
            var log: [UInt8] = []
            var dispatch = Dispatch()
            func collect() {
                dispatch.reset()
                _ = room.collect(for: loop, into: &dispatch)
                log += dispatch.log
            }
            say("LOGIN user\(loop)")
            for line in 0..<lines {
                say("MSG \(line)")
                if line.isMultiple(of: 7) { collect() }
            }
            collect()
            logs.withLock { $0[loop] += log }
        }
        // What the others have said since a loop's last turn.
        logs.withLock { logs in
            for loop in 0..<loops {
                var dispatch = Dispatch()
                _ = room.collect(for: loop, into: &dispatch)
                logs[loop] += dispatch.log
            }
        }
        let all = logs.withLock { $0.map { String(decoding: $0, as: UTF8.self) } }
        #expect(Set(all).count == 1)
        let said = all[0].split(separator: "\n").filter { $0.hasPrefix("MSG ") }
        #expect(said.count == loops * lines)
        for loop in 0..<loops {
            let own = said.filter { $0.hasPrefix("MSG user\(loop) ") }
            #expect(own == (0..<lines).map { "MSG user\(loop) \($0)" })
        }
    }

    @Test("Collecting says which other loops must be awake")
    func waiting() {
        let room = Room(loops: 3)
        let session = Session(.init(loop: 1, number: 1), in: room)
        var dispatch = Dispatch()
        _ = session.receive(Array("PING".utf8).span)
        #expect(Array(room.collect(for: 0, into: &dispatch).loops) == [1])
        #expect(Array(room.collect(for: 1, into: &dispatch).loops) == [])
        dispatch.reset()
        _ = session.receive(Array("LOGIN a".utf8).span)
        let backlog = room.collect(for: 1, into: &dispatch)
        #expect(Array(backlog.loops) == [0, 2])
        #expect(backlog.largest == "INFO a joined the chat\n".utf8.count)
    }

    @Test("Whatever others say at the same time, nothing comes behind the reason for which a session is closed")
    func reasonIsLast() {
        let room = Room(loops: 2)
        DispatchQueue.concurrentPerform(iterations: 2) { loop in
            if loop == 0 {
                let talker = Session(.init(loop: 0, number: 0), in: room)
                for line in ["LOGIN talker"] + Array(repeating: "MSG hi", count: 20_000) {
                    _ = talker.receive(Array(line.utf8).span)
                }
            } else {
                var dispatch = Dispatch()
                for number in UInt64(1)...5_000 {
                    let session = Session(.init(loop: 1, number: number), in: room)
                    _ = session.receive(Array("LOGIN guest\(number)".utf8).span)
                    session.close(for: .idleTimeout)
                    dispatch.reset()
                    _ = room.collect(for: 1, into: &dispatch)
                    let own = dispatch.entries.filter { $0.connection == number }
                    guard own.count == 4, case .left = own[2].kind, case .reply = own[3].kind else {
                        Issue.record("The reason is not the last that the session is owed")
                        return
                    }
                }
            }
        }
    }

    @Test("Property: of one name, at most one of many threads gets it")
    func contendedName() {
        for _ in 0..<50 {
            let room = Room(loops: 4)
            DispatchQueue.concurrentPerform(iterations: 4) { loop in
                let session = Session(.init(loop: loop, number: 1), in: room)
                _ = session.receive(Array("LOGIN same".utf8).span)
            }
            let replies = (0..<4).map { loop in
                var dispatch = Dispatch()
                _ = room.collect(for: loop, into: &dispatch)
                return String(decoding: dispatch.replies, as: UTF8.self)
            }
            #expect(replies.sorted() == Array(repeating: "ERR username-taken\n", count: 3) + ["OK\n"])
        }
    }
}
