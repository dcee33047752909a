import ChatServer
import FlowControl

/// What a scenario showed, and which promises it broke.
struct Verdict {
    private(set) var violations: [String] = []
    let slowest: Nanoseconds
    let percentile99: Nanoseconds
    let slowestLogin: Nanoseconds
    let pastes: [Nanoseconds]

    /// No wait of an honest user may be longer, and of a hundred only one may be longer than a tenth of it.
    private static let longestWait = Nanoseconds.seconds(1)

    init(_ scenario: Scenario, _ cast: Cast, _ world: World) {
        let delays = cast.typists.flatMap(\.allDelays).sorted()
        slowest = delays.last ?? 0
        percentile99 = delays.isEmpty ? 0 : delays[delays.count * 99 / 100]
        slowestLogin = cast.visitors.map(\.waited).max() ?? 0
        pastes = cast.pasters.compactMap(\.duration)
        func check(_ condition: Bool, _ violation: @autoclosure () -> String) {
            if !condition { violations.append(violation()) }
        }
        check(slowest <= Self.longestWait, "a typed line or a PONG took \(Self.milliseconds(slowest)) ms")
        check(percentile99 <= Self.longestWait / 10, "p99 of typed lines is \(Self.milliseconds(percentile99)) ms")
        check(slowestLogin <= Self.longestWait, "a LOGIN took \(Self.milliseconds(slowestLogin)) ms")
        // In a random chat there may be too little time for it.
        for paster in cast.pasters where scenario.isNamed {
            check(paster.duration != nil, "\(paster.name) has only \(paster.echoes) echoes")
        }
        check(
            world.largestPending <= world.limits.memory,
            "memory: \(world.largestPending) bytes of \(world.limits.memory)")
        let all = cast.witness.roomLines
        for peer in cast.typists + cast.readers + cast.pasters {
            check(!peer.hasEnded, "\(peer.name) was disconnected: \(peer.lastLine)")
            let own = peer.roomLines
            let isInOrder = Self.isInOrder(peer, all, cast.witness.name)
            check(
                isInOrder,
                "\(peer.name) did not receive the room's lines in order: \(own.count) of \(all.count), \(peer.lastLine)"
            )
        }
    }

    static func milliseconds(_ time: Nanoseconds) -> String { "\(time / 1_000_000).\(time / 100_000 % 10)" }

    /// Whether a peer received what the witness did from the later of their arrivals on: at the end of a simulation a line may
    /// have reached only one of them.
    private static func isInOrder(_ peer: Peer, _ all: [UInt64], _ witness: String) -> Bool {
        func arrival(of name: String) -> UInt64 { Peer.hash(Array("INFO \(name) joined the chat".utf8)) }
        let own = peer.roomLines
        if let place = all.firstIndex(of: arrival(of: peer.name)) {
            return zip(all[(place + 1)...], own).allSatisfy(==)
        }
        guard let place = own.firstIndex(of: arrival(of: witness)) else { return own.isEmpty || all.isEmpty }
        return zip(own[(place + 1)...], all).allSatisfy(==)
    }
}
