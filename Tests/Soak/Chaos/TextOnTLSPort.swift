/// Speaks text on TLS's port: is told which command connects.
struct TextOnTLSPort: ScriptedChaos {
    let door = Client.Door.tlsInTheClear
    let weight = 5

    let title = "text on TLS's port"

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        let answer = "ERR this port speaks TLS: openssl s_client -quiet -connect \(world.addresses.tls)\n"
        return [.send(Array("LOGIN \(world.makeName("text"))\n".utf8)), .end(.exactly(Array(answer.utf8)))]
    }
}
