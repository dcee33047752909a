/// Does not read for a while. It may be cut off, and then it is told so, or its connection just ends.
struct StalledReader: ScriptedChaos {
    let door: Client.Door
    let weight = 3
    let limit = 10

    var title: String { "stalled reader (\(door))" }

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        .enter + [
            .read(.nothing), .mayEnd(behind: ["too-slow"]), random.pause(6_000...16_000), .read(.everything),
            .say([.ping]), .answered,
        ] + .exit
    }
}
