/// A real client that its user stops with Ctrl+Z, and lets go on later, or ends.
struct Stopped: Chaos {
    let client: ProcessClient.Program
    let weight = 2
    let limit = 4

    var title: String { "stopped \(client.rawValue)" }

    func makeGuest(in world: World, _ random: inout SplitMix64) throws -> any Guest {
        try ProcessClient(
            title, client, name: world.makeName("p"), stopsFor: .seconds(Int.random(in: 2...12, using: &random)),
            isKilled: Bool.random(using: &random), in: world)
    }
}
