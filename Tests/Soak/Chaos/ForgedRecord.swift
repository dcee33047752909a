/// Sends a TLS record that cannot be decrypted.
struct ForgedRecord: ScriptedChaos {
    let door = Client.Door.tls
    let weight = 4

    let title = "forged record"

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        .enter + [.inject(TLSRecord.header(length: 100) + random.bytes(100)), .end(in: .any)]
    }
}
