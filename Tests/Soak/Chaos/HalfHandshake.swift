/// Is gone in the middle of a handshake.
struct HalfHandshake: ScriptedChaos {
    let door = Client.Door.tlsInTheClear
    let weight = 8

    let title = "half a handshake"

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        let end = Bool.random(using: &random) ? Step.reset : .close
        guard Bool.random(using: &random) else { return [.send(world.hello), .hear, end] }
        let part = world.hello.prefix(Int.random(in: 1..<world.hello.count, using: &random))
        return [.send(Array(part)), random.pause(0...500), end]
    }
}
