/// Logs in, says some lines, leaves in one way or another.
struct Visitor: ScriptedChaos {
    let door: Client.Door
    let weight = 30

    var title: String { "visitor (\(door))" }

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        let visit = (0..<Int.random(in: 2...6, using: &random)).flatMap { _ in
            [.say([utterance(&random), utterance(&random)]), random.pause(100...800)]
        }
        return .enter + visit + [.answered] + departure(&random)
    }

    private func utterance(_ random: inout SplitMix64) -> Utterance {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: .who
        case 1: .ping
        case 2: .help
        case 3: .nonsense
        default: .message(length: .random(in: 0...60, using: &random))
        }
    }

    private func departure(_ random: inout SplitMix64) -> [Step] {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: .exit
        case 1: [.say([.message(length: 0), .who]), .finishSending, .end()]
        default: [.close]
        }
    }
}
