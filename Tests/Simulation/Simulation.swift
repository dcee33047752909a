import FlowControl

/// Runs scenarios.
enum Simulation {
    static func run(_ scenario: Scenario, seed: UInt64) throws -> Verdict {
        let world = try World(seed: seed, loops: scenario.loops, limits: scenario.limits)
        let cast = Cast(world, hasAddresses: scenario.hasAddresses)
        scenario.populate(cast)
        try world.run(until: .seconds(scenario.seconds))
        return Verdict(scenario, cast, world)
    }
}
