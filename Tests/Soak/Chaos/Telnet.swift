/// Negotiates options, as telnet clients do, where only lines are expected: RFC 854.
struct Telnet: ScriptedChaos {
    private static let (will, wont, `do`, dont): (UInt8, UInt8, UInt8, UInt8) = (251, 252, 253, 254)
    private static let (interpretAsCommand, subnegotiation, end): (UInt8, UInt8, UInt8) = (255, 250, 240)

    let door = Client.Door.plain
    let weight = 5

    let title = "telnet"

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        let options = [Self.will, Self.wont, Self.do, Self.dont].flatMap {
            [Self.interpretAsCommand, $0, UInt8.random(in: 0...40, using: &random)]
        }
        let terminal =
            [Self.interpretAsCommand, Self.subnegotiation, 24, 0]
            + Array("XTERM".utf8) + [Self.interpretAsCommand, Self.end]
        return [.send(options)] + .enter + [
            .send(terminal), .say([.message(length: 7)]), .send(options), .say([.who, .ping]), .answered,
        ] + .exit
    }
}
