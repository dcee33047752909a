/// Leaves and comes back at once, under the same name.
struct Return: ScriptedChaos {
    let door: Client.Door
    let weight = 6

    var title: String { "return (\(door))" }

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        let stay: [Step] = .enter + [.say([.message(length: 3), .who]), .answered] + .exit
        let returns = Int.random(in: 1...4, using: &random)
        return stay + Array(repeatElement([.reconnect] + stay, count: returns).joined())
    }
}
