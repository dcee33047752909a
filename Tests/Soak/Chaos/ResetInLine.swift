/// Resets the connection in the middle of a line, which nobody may ever see.
struct ResetInLine: ScriptedChaos {
    let door: Client.Door
    let weight = 8

    var title: String { "reset in a line (\(door))" }

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        .enter + [
            .say([.message(length: 10)]), .send(Array("MSG \(NumberedText.marker) unfinished".utf8)),
            random.pause(0...300), .reset,
        ]
    }
}
