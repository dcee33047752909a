import ArgumentParser

/// Whether and how the floor is measured beside a server.
struct FloorOptions: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Measure the floor as well, where --pid is given.")
    var floor = true

    @OptionGroup
    var material: FloorMaterial

    /// `nil` where it is not to be measured.
    func floor(beside server: ServerProcess?, authorities: String?) throws -> Floor? {
        guard floor, let server else { return nil }
        return Floor(material: material, authorities: authorities, cores: try CPUSet(of: server.pid))
    }
}
