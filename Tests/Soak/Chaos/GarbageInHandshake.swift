/// Says bytes on TLS's port that are neither text nor TLS.
struct GarbageInHandshake: ScriptedChaos {
    let door = Client.Door.tlsInTheClear
    let weight = 6

    let title = "garbage for a handshake"

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        [.send([0x80] + random.bytes(Int.random(in: 10...2_000, using: &random))), .end(in: .any)]
    }
}
