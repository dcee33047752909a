/// Says bytes that are no command, between lines that are.
struct GarbageOfUser: ScriptedChaos {
    let door = Client.Door.plain
    let weight = 6

    let title = "garbage of a user"

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        let garbage: [Step] = (0..<5).flatMap { _ -> [Step] in
            let line = [0, 0x80] + random.bytes(40, from: 128...254) + [UInt8(ascii: "\n")]
            return [.send(line, errors: ["unknown-command"]), .say([.message(length: 8)])]
        }
        return .enter + garbage + [.answered] + .exit
    }
}
