import ArgumentParser
import LoadSupport
import SystemPackage

/// Whether and how the floor is measured beside a server.
struct FloorOptions: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Measure the floor as well, where --pid is given.")
    var floor = true

    @OptionGroup
    var material: FloorMaterial

    /// What `measure` makes of the floor, or `nil` where it is not to be measured, or cannot be: standard error says why.
    func measure<Figures>(
        beside server: ServerProcess?, authorities: String?, _ measure: (Floor) throws -> Figures
    ) throws -> Figures? {
        guard floor, let server else { return nil }
        let floor = Floor(material: material, authorities: authorities, cores: try CPUSet(of: server.pid))
        do {
            return try measure(floor)
        } catch {
            // With the certificate of a real server, say, that is not for this machine's own names.
            _ = try? FileDescriptor.standardError.writeAll("The floor cannot be measured: \(error)\n".utf8)
            return nil
        }
    }
}
