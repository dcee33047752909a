/// Says bytes before any LOGIN, with and without LF: each line that they make is answered.
struct Garbage: ScriptedChaos {
    let door = Client.Door.plain
    let weight = 8

    let title = "garbage"

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        // 22 would begin TLS, and 255 a negotiation of telnet's that need not end.
        let size = [10, 300, 100_000].randomElement(using: &random) ?? 10
        let body = random.bytes(size, from: 0...254)
        let line = [UInt8](repeating: 0, count: 20) + Array("\n".utf8)
        return [.send([0x80] + body + line + random.bytes(50, from: 128...254)), .finishSending, .end(.errors)]
    }
}
