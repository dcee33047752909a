/// A kind of client that the server has to bear with.
protocol Chaos {
    /// For people.
    var title: String { get }
    /// How often it comes, beside the others.
    var weight: Int { get }
    /// How many are there at once, at most.
    var limit: Int { get }

    func makeGuest(in world: World, _ random: inout SplitMix64) throws -> any Guest
}

/// One whose clients follow a script.
protocol ScriptedChaos: Chaos {
    var door: Client.Door { get }

    func steps(in world: World, _ random: inout SplitMix64) -> [Step]
}

extension ScriptedChaos {
    var limit: Int { .max }

    func makeGuest(in world: World, _ random: inout SplitMix64) throws -> any Guest {
        try Client(
            title, name: world.makeName("c"), at: door, Script(steps(in: world, &random).makeIterator()), in: world)
    }
}

extension [Step] {
    static let enter: Self = [.say([.login]), .answered]
    static let exit: Self = [.say([.exit]), .end()]
}

enum AllChaos {
    static var kinds: [any Chaos] {
        [
            Visitor(door: .plain), Visitor(door: .tls),
            SlowReader(door: .plain), SlowReader(door: .tls),
            StalledReader(door: .plain), StalledReader(door: .tls),
            Silence(door: .plain), Silence(door: .tls), Silence(door: .tlsInTheClear),
            ResetInLine(door: .plain), ResetInLine(door: .tls), ResetInRecord(), ForgedRecord(), Truncation(),
            Stopped(client: .netcat), Stopped(client: .sClient),
            Return(door: .plain), Return(door: .tls),
            Garbage(), GarbageOfUser(), GarbageInHandshake(), Telnet(),
            HTTPRequest(door: .plain), HTTPRequest(door: .tls), HTTPRequest(door: .tlsInTheClear),
            TextOnTLSPort(), HelloOnPlainPort(), Drip(), HalfHandshake(),
            Paste(door: .plain), Paste(door: .tls), Flood(door: .plain), Flood(door: .tls),
            TakenName(), LongLines(),
        ]
    }
}
