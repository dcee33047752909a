/// Resets the connection in the middle of a TLS record. As long as it is not whole, nobody can tell it from a true one.
struct ResetInRecord: ScriptedChaos {
    let door = Client.Door.tls
    let weight = 8

    let title = "reset in a record"

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        let half = random.bytes(Int.random(in: 0...500, using: &random))
        return .enter + [.inject(TLSRecord.header(length: 2 * half.count + 32) + half), random.pause(0...300), .reset]
    }
}

enum TLSRecord {
    /// What stands before an encrypted record: RFC 8446, section 5.2.
    static func header(length: Int) -> [UInt8] { [23, 3, 3, UInt8(length >> 8), UInt8(length & 0xFF)] }
}
