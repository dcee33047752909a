/// Connects and says nothing.
struct Silence: ScriptedChaos {
    let door: Client.Door
    let weight = 4

    var title: String { "silence (\(door))" }

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        [.end(.exactly(door == .tlsInTheClear ? [] : Array("ERR login-timeout\n".utf8)))]
    }
}
