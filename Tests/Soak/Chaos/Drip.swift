/// Sends a handshake byte by byte, so slowly that it would never end.
struct Drip: ScriptedChaos {
    let door = Client.Door.tlsInTheClear
    let weight = 4

    let title = "handshake in drips"

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        [.drip(world.hello, every: .milliseconds(200)), .end(in: .any)]
    }
}
