import ChatServer
import FlowControl

/// Runs scenarios.
enum Simulation {
    /// How long a paste may wait for receivers, besides the time that its bytes take: until stalled ones are unhealthy, and
    /// until the gate opens again.
    static let patience = Nanoseconds.seconds(90)

    static func run(_ scenario: Scenario, seed: UInt64) throws -> Verdict {
        let world = try World(seed: seed, loops: scenario.loops, limits: scenario.limits)
        let cast = Cast(world, hasAddresses: scenario.hasAddresses)
        world.measuresFrom = world.now + .microseconds(scenario.warmUp * 1_000)
        scenario.populate(cast)
        try world.run(until: .seconds(scenario.attackEnd ?? scenario.seconds))
        cast.stopAttackers()
        try world.run(until: .seconds(scenario.seconds))
        try letPastesEnd(cast, world)
        // Lines that were sent still arrive.
        world.isQuiet = true
        let end = world.now + .seconds(40)
        repeat { try world.run(until: world.now + .seconds(4)) } while world.now < end && !cast.hasReceivedEverything
        return Verdict(cast, world)
    }

    /// Bulk text moves at the minimum rate at least.
    private static func letPastesEnd(_ cast: Cast, _ world: World) throws {
        let bytes = cast.pasters.reduce(0) { $0 + $1.size }
        let seconds = UInt64(bytes / world.limits.minimumReadRate)
        let end = world.now + .seconds(seconds) + patience
        while world.now < end, !cast.hasWholePastes { try world.run(until: world.now + .seconds(1)) }
    }
}
