/// Says lines without reading its own. While receivers are behind, floods and pastes share what the slowest of them read:
/// together they are no more than that is within the patience of those who wait for them.
struct Flood: ScriptedChaos {
    let door: Client.Door
    let weight = 1
    let limit = 2

    var title: String { "flood (\(door))" }

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        let lines = [Utterance](repeating: .message(length: 100), count: 1_000)
        return .enter + [
            .read(.nothing), .mayEnd(behind: ["too-slow"]), .say(lines), random.pause(8_000...15_000),
            .read(.everything), .answered,
        ] + .exit
    }
}
