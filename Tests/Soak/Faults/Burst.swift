/// Some hundred come in the same moment.
final class Burst: Fault {
    static let title = "burst of connections"

    private static let size = 200

    func look(at stage: Stage) throws -> Bool {
        let kinds = [Visitor(door: .plain), Visitor(door: .tls)]
        for index in 0..<Self.size {
            stage.guests.append(try kinds[index % 2].makeGuest(in: stage.world, &stage.random))
        }
        return true
    }
}
