import TestSupport
import Testing

@testable import EventLoop

@Suite(.timeLimit(.minutes(1)))
struct PollerTests {
    private func ready(_ poller: any Poller, within milliseconds: CInt = 0) throws -> Set<Token> {
        var ready: [Readiness] = []
        try poller.wait(milliseconds: milliseconds, into: &ready)
        return Set(ready.map(\.token))
    }

    private func send(_ text: String, over socket: Socket) throws {
        #expect(try socket.send(Array(text.utf8).span) == text.utf8.count)
    }

    @Test("Level-triggered: what is ready is told until it no longer is", arguments: PollerKind.allCases)
    func levelTriggered(_ kind: PollerKind) throws {
        let poller = try kind.make()
        let (near, far) = try Socket.pair()
        let token = Token(descriptor: near.descriptor, generation: 1)
        try poller.add(near.descriptor, .readable, token: token)
        #expect(try ready(poller) == [])
        try send("x", over: far)
        #expect(try ready(poller) == [token])
        #expect(try ready(poller) == [token])
        var buffer: [UInt8] = [0, 0]
        var span = buffer.mutableSpan
        #expect(try near.receive(into: &span) == 1)
        #expect(try ready(poller) == [])
    }

    @Test("Only what is of interest is told", arguments: PollerKind.allCases)
    func interest(_ kind: PollerKind) throws {
        let poller = try kind.make()
        let (near, far) = try Socket.pair()
        let token = Token(descriptor: near.descriptor, generation: 1)
        try poller.add(near.descriptor, [], token: token)
        try send("x", over: far)
        #expect(try ready(poller) == [])
        try poller.modify(near.descriptor, .writable, token: token)
        #expect(try ready(poller) == [token])
        try poller.modify(near.descriptor, [.readable, .writable], token: token)
        #expect(try ready(poller) == [token])
        poller.remove(near.descriptor)
        #expect(try ready(poller) == [])
    }

    @Test("A peer that has gone is told whatever the interest", arguments: PollerKind.allCases)
    func hangup(_ kind: PollerKind) throws {
        let poller = try kind.make()
        let (near, far) = try Socket.pair()
        let token = Token(descriptor: near.descriptor, generation: 1)
        try poller.add(near.descriptor, [], token: token)
        _ = consume far
        // A process that another test starts holds a copy of the descriptor until it runs its own program.
        #expect(try ready(poller, within: 10_000) == [token])
    }

    @Test("Each of many descriptors keeps its token while others come and go", arguments: PollerKind.allCases)
    func manyDescriptors(_ kind: PollerKind) throws {
        let poller = try kind.make()
        let pairs = try (0..<100).map { _ in try Socket.pair() }
        let tokens = pairs.enumerated().map { Token(descriptor: $1.0.descriptor, generation: UInt32($0)) }
        for (pair, token) in zip(pairs, tokens) { try poller.add(pair.0.descriptor, .readable, token: token) }
        for index in stride(from: 0, to: 100, by: 3) { poller.remove(pairs[index].0.descriptor) }
        for pair in pairs { try send("x", over: pair.1) }
        let expected = Set(tokens.indices.filter { !$0.isMultiple(of: 3) }.map { tokens[$0] })
        #expect(try ready(poller) == expected)
    }
}
