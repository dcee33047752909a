import Synchronization
import TestSupport
import Testing

@testable import EventLoop

/// Remembers what it was told.
private final class Source: EventSource {
    var events = 0
    private(set) var interests: [Interest] = []
    var deadlines = 0
    var whenReady: () -> Void = {}

    func ready(_ interest: Interest) {
        events += 1
        interests.append(interest)
        whenReady()
    }

    func deadlinePassed() { deadlines += 1 }
}

private final class Work: EventLoopWork {
    var turns = 0
    var whenTurning: () -> Void = {}

    var hasWork = false
    var nextWork: Instant?

    func turn() {
        turns += 1
        whenTurning()
    }
}

@Suite(.timeLimit(.minutes(1)))
struct EventLoopTests {
    private let work = Work()

    /// A socket whose other end has sent a byte, and so is readable for good.
    private func readableSocket() throws -> (Socket, peer: Socket) {
        let (near, far) = try Socket.pair()
        _ = try far.send([1].span)
        return (near, far)
    }

    private func add(_ source: Source, _ socket: Socket, to loop: EventLoop) throws -> Token {
        let token = loop.makeToken(descriptor: socket.descriptor)
        try loop.add(source, .readable, token: token)
        return token
    }

    @Test("A wake-up ends a wait, and many of them cost one turn", arguments: PollerKind.allCases)
    func wakeup(_ kind: PollerKind) throws {
        let wakeup = try Wakeup()
        let loop = try EventLoop(poller: kind, wakeup: wakeup)
        for _ in 0..<3 { wakeup.wake() }
        try loop.runTurn(work)
        // With no wake-up left, only the deadline ends the second turn's wait; its source sees how many turns there were.
        let source = Source()
        let (socket, peer) = try Socket.pair()
        loop.setDeadline(loop.now + .milliseconds(5), of: try add(source, socket, to: loop))
        try loop.runTurn(work)
        #expect(source.deadlines == 1)
        _ = peer
        for _ in 0..<2 {
            wakeup.wake()
            try loop.runTurn(work)
        }
        #expect(work.turns == 4)
    }

    @Test("A wake-up from another thread ends a wait", arguments: PollerKind.allCases)
    func wakeupFromElsewhere(_ kind: PollerKind) throws {
        let wakeup = try Wakeup()
        let loop = try EventLoop(poller: kind, wakeup: wakeup)
        for _ in 0..<100 {
            let waker = try EventLoopThread(name: "waker") { wakeup.wake() }
            try loop.runTurn(work)
            waker.join()
        }
        #expect(work.turns == 100)
    }

    @Test("A message posted from another thread is there when the wait ends", arguments: PollerKind.allCases)
    func mailbox(_ kind: PollerKind) throws {
        let mailbox = try Mailbox<Int>()
        let loop = try EventLoop(poller: kind, wakeup: mailbox.wakeup)
        let poster = try EventLoopThread(name: "poster") { for number in 0..<1_000 { mailbox.post(number) } }
        var received: [Int] = []
        while received.count < 1_000 {
            try loop.runTurn(work)
            received += mailbox.takeAll()
        }
        poster.join()
        #expect(received == Array(0..<1_000))
    }

    @Test("A turn does not wait while there is work", arguments: PollerKind.allCases)
    func work(_ kind: PollerKind) throws {
        let loop = try EventLoop(poller: kind, wakeup: Wakeup())
        work.hasWork = true
        work.whenTurning = { [unowned work] in work.hasWork = work.turns < 3 }
        let source = Source()
        let (socket, peer) = try Socket.pair()
        loop.setDeadline(loop.now + .seconds(30), of: try add(source, socket, to: loop))
        for _ in 0..<3 { try loop.runTurn(work) }
        #expect((work.turns, source.deadlines) == (3, 0))
        withExtendedLifetime(peer) {}
    }

    @Test("A turn waits until there is work, or a deadline before it", arguments: PollerKind.allCases)
    func nextWork(_ kind: PollerKind) throws {
        let loop = try EventLoop(poller: kind, wakeup: Wakeup())
        let due = loop.now + .milliseconds(5)
        work.nextWork = due
        try loop.runTurn(work)
        #expect(loop.now >= due)
        let source = Source()
        let (socket, peer) = try Socket.pair()
        loop.setDeadline(loop.now + .milliseconds(5), of: try add(source, socket, to: loop))
        work.nextWork = loop.now + .seconds(30)
        try loop.runTurn(work)
        #expect(source.deadlines == 1)
        withExtendedLifetime(peer) {}
    }

    @Test(
        "A deadline of a source that is gone is not that of the one that has its descriptor",
        arguments: PollerKind.allCases)
    func oldDeadline(_ kind: PollerKind) throws {
        let loop = try EventLoop(poller: kind, wakeup: Wakeup())
        let (socket, peer) = try Socket.pair()
        let (old, new) = (Source(), Source())
        let token = try add(old, socket, to: loop)
        loop.remove(token)
        loop.setDeadline(loop.now + .milliseconds(1), of: try add(new, socket, to: loop))
        loop.setDeadline(loop.now + .seconds(30), of: token)
        try loop.runTurn(work)
        #expect((old.deadlines, new.deadlines) == (0, 1))
        withExtendedLifetime(peer) {}
    }

    @Test("Sources come before the turn's work, and are told what they are ready for", arguments: PollerKind.allCases)
    func sourcesFirst(_ kind: PollerKind) throws {
        let loop = try EventLoop(poller: kind, wakeup: Wakeup())
        var order: [String] = []
        let source = Source()
        source.whenReady = { order.append("source") }
        work.whenTurning = { order.append("work") }
        let (socket, peer) = try readableSocket()
        let token = try add(source, socket, to: loop)
        try loop.runTurn(work)
        try loop.setInterest([.readable, .writable], of: token)
        try loop.runTurn(work)
        #expect(order == ["source", "work", "source", "work"])
        #expect(source.interests == [.readable, [.readable, .writable]])
        withExtendedLifetime(peer) {}
    }

    @Test("A turn lets a bounded number of deadlines pass, and the next one goes on", arguments: PollerKind.allCases)
    func manyDeadlines(_ kind: PollerKind) throws {
        let loop = try EventLoop(poller: kind, wakeup: Wakeup())
        let sources = (0..<100).map { _ in Source() }
        var sockets: [(Socket, Socket)] = []
        for source in sources {
            sockets.append(try Socket.pair())
            loop.setDeadline(loop.now, of: try add(source, sockets[sockets.count - 1].0, to: loop))
        }
        try loop.runTurn(work)
        #expect(sources.map(\.deadlines).reduce(0, +) == 64)
        try loop.runTurn(work)
        #expect(sources.allSatisfy { $0.deadlines == 1 })
        withExtendedLifetime(sockets) {}
    }

    @Test("A source that is removed gets no event, not even one of the same turn", arguments: PollerKind.allCases)
    func removed(_ kind: PollerKind) throws {
        let loop = try EventLoop(poller: kind, wakeup: Wakeup())
        let sources = [Source(), Source()]
        let sockets = [try readableSocket(), try readableSocket()]
        let tokens = try zip(sources, sockets).map { try add($0, $1.0, to: loop) }
        // Whichever comes first removes both.
        for source in sources { source.whenReady = { for token in tokens { loop.remove(token) } } }
        try loop.runTurn(work)
        #expect(sources.map(\.events).reduce(0, +) == 1)
    }

    @Test("An old token does not reach the source that has its descriptor now", arguments: PollerKind.allCases)
    func oldToken(_ kind: PollerKind) throws {
        let loop = try EventLoop(poller: kind, wakeup: Wakeup())
        let (socket, peer) = try readableSocket()
        let (old, new) = (Source(), Source())
        let token = try add(old, socket, to: loop)
        loop.remove(token)
        _ = try add(new, socket, to: loop)
        loop.remove(token)
        try loop.setInterest([], of: token)
        try loop.runTurn(work)
        #expect((old.events, new.events) == (0, 1))
        withExtendedLifetime(peer) {}
    }

    @Test("A deadline passes without any other event, not before its time, and once", arguments: PollerKind.allCases)
    func deadline(_ kind: PollerKind) throws {
        let loop = try EventLoop(poller: kind, wakeup: Wakeup())
        let (source, last) = (Source(), Source())
        let (socket, other) = try Socket.pair()
        let due = loop.now + .milliseconds(20)
        loop.setDeadline(due, of: try add(source, socket, to: loop))
        loop.setDeadline(due + .milliseconds(20), of: try add(last, other, to: loop))
        while source.deadlines == 0 { try loop.runTurn(work) }
        #expect(loop.now >= due)
        while last.deadlines == 0 { try loop.runTurn(work) }
        #expect(source.deadlines == 1)
    }

    @Test("The deadline of a source that is removed does not pass", arguments: PollerKind.allCases)
    func deadlineOfRemoved(_ kind: PollerKind) throws {
        let loop = try EventLoop(poller: kind, wakeup: Wakeup())
        let (removed, last) = (Source(), Source())
        let sockets = try (Socket.pair(), Socket.pair())
        let tokens = (try add(removed, sockets.0.0, to: loop), try add(last, sockets.1.0, to: loop))
        loop.setDeadline(loop.now + .milliseconds(1), of: tokens.0)
        loop.setDeadline(loop.now + .milliseconds(5), of: tokens.1)
        loop.remove(tokens.0)
        while last.deadlines == 0 { try loop.runTurn(work) }
        #expect(removed.deadlines == 0)
    }

    @Test("Interest decides which events come, from the next turn on", arguments: PollerKind.allCases)
    func interest(_ kind: PollerKind) throws {
        let wakeup = try Wakeup()
        let loop = try EventLoop(poller: kind, wakeup: wakeup)
        let source = Source()
        let (socket, peer) = try readableSocket()
        let token = try add(source, socket, to: loop)
        try loop.runTurn(work)
        try loop.setInterest([], of: token)
        wakeup.wake()
        try loop.runTurn(work)
        #expect(source.events == 1)
        try loop.setInterest(.writable, of: token)
        try loop.runTurn(work)
        #expect(source.events == 2)
        _ = peer
    }

    @Test(
        "A hang-up is told to a source that waits for nothing else, and not to one that waits for nothing",
        arguments: PollerKind.allCases)
    func hangUp(_ kind: PollerKind) throws {
        let loop = try EventLoop(poller: kind, wakeup: Wakeup())
        let source = Source()
        let (socket, peer) = try Socket.pair()
        let token = try add(source, socket, to: loop)
        try loop.setInterest([], of: token)
        _ = consume peer
        loop.setDeadline(loop.now + .milliseconds(5), of: token)
        try loop.runTurn(work)
        #expect((source.events, source.deadlines) == (0, 1))
        try loop.setInterest(.hangUp, of: token)
        try loop.runTurn(work)
        #expect(source.interests == [.hangUp])
    }
}
