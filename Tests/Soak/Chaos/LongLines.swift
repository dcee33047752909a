/// Says lines that are longer than lines may be, between others.
struct LongLines: ScriptedChaos {
    let door = Client.Door.plain
    let weight = 4

    let title = "long lines"

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        .enter + [.say([.endless, .message(length: 2_000), .endless, .who, .ping]), .answered] + .exit
    }
}
