/// Speaks TLS on the plaintext port: is told so in TLS.
struct HelloOnPlainPort: ScriptedChaos {
    /// Fatal, unexpected_message: RFC 8446, section 6.
    private static let alert: [UInt8] = [21, 3, 1, 0, 2, 2, 10]

    let door = Client.Door.plain
    let weight = 5

    let title = "ClientHello on the plaintext port"

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        [.send(world.hello), .end(.exactly(Self.alert))]
    }
}
