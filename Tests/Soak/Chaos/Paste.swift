/// Says some thousand lines at once: they come back whole and in order.
struct Paste: ScriptedChaos {
    let door: Client.Door
    let weight = 1
    let limit = 2

    var title: String { "paste (\(door))" }

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        let lines = (0..<Int.random(in: 1_000...3_000, using: &random)).map { _ in Utterance.message(length: 40) }
        return .enter + [.say(lines), .answered] + .exit
    }
}
