/// Ends a TLS connection without close_notify.
struct Truncation: ScriptedChaos {
    let door = Client.Door.tls
    let weight = 6

    let title = "TLS cut off"

    func steps(in world: World, _ random: inout SplitMix64) -> [Step] {
        .enter + [.say([.message(length: 5), .ping]), .answered, .cut, .end(in: .any)]
    }
}
