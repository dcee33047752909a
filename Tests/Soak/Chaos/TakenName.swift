/// Wants the name of somebody who is there.
struct TakenName: ScriptedChaos {
    let door = Client.Door.plain
    let weight = 5

    let title = "taken name"

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        let name = world.residents.randomElement(using: &random) ?? ""
        return [.say([.loginAs(name), .loginAs(name.uppercased()), .ping]), .answered]
            + .enter + [.say([.message(length: 9)]), .answered] + .exit
    }
}
