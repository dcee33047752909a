/// Reads more than the server demands, but so slowly that something always waits: loses nothing. It is heard when it has
/// caught up.
struct SlowReader: ScriptedChaos {
    let door: Client.Door
    let weight = 3
    let limit = 12

    var title: String { "slow reader (\(door))" }

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        let stay = (0..<Int.random(in: 6...12, using: &random)).flatMap { _ -> [Step] in
            [.say([.message(length: 40), .ping]), .pause(.seconds(1))]
        }
        return .enter + [.read(.slowly)] + stay + [.read(.everything), .answered] + .exit
    }
}
