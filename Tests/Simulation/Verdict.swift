import ChatServer
import FlowControl

/// How long something took, each time.
struct Delays {
    let longest: Nanoseconds
    /// Nine of ten delays are not longer.
    let usual: Nanoseconds

    init(_ delays: [Nanoseconds]) {
        let sorted = delays.sorted()
        longest = sorted.last ?? 0
        usual = sorted.isEmpty ? 0 : sorted[(sorted.count * 9 - 1) / 10]
    }
}

/// The result of a scenario, and the promises that it broke.
struct Verdict {
    private(set) var violations: [String]
    /// How long typed lines, PONGs and LOGINs took.
    let (lines, pongs, logins): (Delays, Delays, Delays)
    /// How long the chat was, in virtual time.
    let length: Nanoseconds

    /// No wait of an honest user may be longer.
    private static let longestWait = Nanoseconds.seconds(1) / 4
    /// Of ten waits nine are not longer: two turns.
    private static let usualWait = Nanoseconds.microseconds(15_000)
    /// The additional time of a PONG for each silent receiver of bulk text, because a PONG follows earlier room lines.
    private static let silentReceiver = Nanoseconds.microseconds(20)
    /// The additional time of a room line for each of its receivers, however these read: the time of two sweeps, which are
    /// about a quarter of a turn.
    private static let receiver = Nanoseconds.microseconds(400)

    init(_ cast: Cast, _ world: World) {
        violations = world.violations
        for typist in cast.typists { typist.noteMissing() }
        lines = Delays(cast.typists.flatMap(\.lineDelays))
        pongs = Delays(cast.typists.flatMap(\.pongDelays))
        logins = Delays(cast.visitors.map(\.waited))
        length = world.now
        func check(_ condition: Bool, _ violation: @autoclosure () -> String) {
            if !condition { violations.append(violation()) }
        }
        for (name, delays) in [("typed line", lines), ("PONG", pongs), ("LOGIN", logins)] {
            check(delays.longest <= Self.longestWait, "a \(name) took \(Self.milliseconds(delays.longest)) ms")
        }
        let usualLine = Self.usualWait + Nanoseconds(cast.memberCount) * Self.receiver
        check(lines.usual <= usualLine, "typed lines take \(Self.milliseconds(lines.usual)) ms")
        let usualPong = Self.usualWait + Nanoseconds(cast.audience) * Self.silentReceiver
        check(pongs.usual <= usualPong, "PONGs take \(Self.milliseconds(pongs.usual)) ms")
        for peer in cast.correspondents {
            check(peer.undelivered == 0, "\(peer.undelivered) DMs to \(peer.receiver.name) were not delivered")
            check(peer.missing == 0, "\(peer.missing) DMs to \(peer.receiver.name) did not arrive")
            guard !cast.readers.contains(where: { $0 === peer.receiver }) else { continue }
            let slowest = peer.allDelays.max() ?? 0
            check(slowest <= Self.longestWait, "a DM took \(Self.milliseconds(slowest)) ms")
        }
        check(
            cast.lostAttackers == 0,
            "\(cast.lostAttackers) clients were disconnected, though the limits of pending output suffice")
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

    /// The longest delays, in milliseconds.
    var figures: String {
        [("lines", lines), ("PONGs", pongs), ("LOGINs", logins)].map { "\($0) \(Self.milliseconds($1.longest))" }
            .joined(separator: ", ") + " ms"
    }

    private static func milliseconds(_ time: Nanoseconds) -> String { "\(time / 1_000_000).\(time / 100_000 % 10)" }

    /// Checks that a peer receives the same lines as the witness, from the later of their arrivals on.
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
    /// Clients that the server must never disconnect.
    fileprivate var honest: [Peer] { typists + correspondents + readers + pasters }

    var hasReceivedEverything: Bool { correspondents.allSatisfy { $0.missing == 0 } }
}
