/// Says lines without reading its own.
struct Flood: ScriptedChaos {
    let door: Client.Door
    let weight = 1
    let limit = 2

    var title: String { "flood (\(door))" }

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        let lines = [Utterance](repeating: .message(length: 100), count: 4_000)
        return .enter + [
            .read(.nothing), .mayEnd(behind: ["too-slow"]), .say(lines), random.pause(8_000...15_000),
            .read(.everything), .answered,
        ] + .exit
    }
}
