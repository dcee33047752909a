import ChatServer
import FlowControl

/// What a scenario showed, and which promises it broke.
struct Verdict {
    private(set) var violations: [String]
    let slowest: Nanoseconds
    let percentile99: Nanoseconds
    let slowestLogin: Nanoseconds
    /// How long the chat was, in virtual time.
    let length: Nanoseconds

    /// No wait of an honest user may be longer, and of a hundred only one may be longer than the second: some turns. They
    /// depend on how many receivers there are, not on how these read.
    private static let (longestWait, usualWait) = (Nanoseconds.seconds(1) / 4, Nanoseconds.seconds(1) / 40)
    /// To send a piece of a burst to one more member, twice.
    private static let member = Nanoseconds.microseconds(40)

    init(_ cast: Cast, _ world: World) {
        violations = world.violations
        let delays = cast.typists.flatMap(\.allDelays).sorted()
        slowest = delays.last ?? 0
        percentile99 = delays.isEmpty ? 0 : delays[delays.count * 99 / 100]
        slowestLogin = cast.visitors.map(\.waited).max() ?? 0
        length = world.now
        func check(_ condition: Bool, _ violation: @autoclosure () -> String) {
            if !condition { violations.append(violation()) }
        }
        check(slowest <= Self.longestWait, "a typed line or a PONG took \(Self.milliseconds(slowest)) ms")
        check(
            percentile99 <= Self.usualWait + Nanoseconds(cast.audience) * Self.member,
            "p99 of typed lines is \(Self.milliseconds(percentile99)) ms")
        check(slowestLogin <= Self.longestWait, "a LOGIN took \(Self.milliseconds(slowestLogin)) ms")
        for peer in cast.correspondents {
            check(peer.undelivered == 0, "\(peer.undelivered) DMs to \(peer.receiver.name) were not delivered")
            check(peer.missing == 0, "\(peer.missing) DMs to \(peer.receiver.name) did not arrive")
            guard !cast.readers.contains(where: { $0 === peer.receiver }) else { continue }
            let slowest = peer.allDelays.max() ?? 0
            check(slowest <= Self.longestWait, "a DM took \(Self.milliseconds(slowest)) ms")
        }
        if let peer = cast.tooSlow {
            check(peer.hasEnded && peer.lastReply == "ERR too-slow", "\(peer.name) was not told that it is too slow")
        }
        check(cast.hasWholePastes, "\(cast.pasters.reduce(0) { $0 + $1.missing }) pasted lines did not come back")
        for peer in cast.honest {
            check(
                !peer.hasEnded && peer.connection.closedAt == nil, "\(peer.name) was disconnected: \(peer.lastReply)")
            checkLines(of: peer, cast.witness, mustBeWhole: !cast.readers.contains { $0 === peer })
        }
    }

    static func milliseconds(_ time: Nanoseconds) -> String { "\(time / 1_000_000).\(time / 100_000 % 10)" }

    /// A peer receives what the witness does, from the later of their arrivals on.
    private mutating func checkLines(of peer: Peer, _ witness: Peer, mustBeWhole: Bool) {
        func arrival(of name: String) -> UInt64 { LineHash.of("INFO \(name) joined the chat") }
        var (own, all) = (peer.roomLines[...], witness.roomLines[...])
        if let place = all.firstIndex(of: arrival(of: peer.name)) {
            all = all[(place + 1)...]
        } else if let place = own.firstIndex(of: arrival(of: witness.name)) {
            own = own[(place + 1)...]
        }
        if mustBeWhole, own.count != all.count {
            violations.append("\(peer.name) received \(own.count) of \(all.count) lines")
        } else if !zip(own, all).allSatisfy(==) {
            violations.append("\(peer.name) did not receive the room's lines in order")
        }
    }
}

extension Cast {
    /// Those who are never disconnected.
    fileprivate var honest: [Peer] { typists + correspondents + readers + pasters }

    var hasReceivedEverything: Bool { correspondents.allSatisfy { $0.missing == 0 } }
}
