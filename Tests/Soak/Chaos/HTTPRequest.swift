/// A browser that was led here: is told so, and none of its later lines is run.
struct HTTPRequest: ScriptedChaos {
    let door: Client.Door
    let weight = 5

    var title: String { "HTTP (\(door))" }

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        let lines = [
            "POST / HTTP/1.1", "Host: localhost", "Content-Length: 100", "", "LOGIN \(world.makeName("http"))",
            "MSG \(NumberedText(number: 1).text)", "EXIT", "",
        ]
        return [
            .send(Array(lines.joined(separator: "\r\n").utf8)), .end(.exactly(Array("ERR unknown-command\n".utf8))),
        ]
    }
}
