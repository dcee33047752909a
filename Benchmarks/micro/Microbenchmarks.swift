import Foundation

/// The hot paths, each by itself: time, and allocations on the heap. Fails where a delivery allocates.
@main
enum Microbenchmarks {
    static func main() throws {
        let certificates = CommandLine.arguments.dropFirst().first ?? "certs"
        let fanOuts = try [50, 1_000].flatMap { members in
            let fanOut = try FanOut(members: members)
            return [try fanOut.cost(linesInTurn: 1), try fanOut.cost(linesInTurn: 64)]
        }
        let records = try Records(certificates: certificates)
        let costs =
            [Lines.plain(), Lines.unicode()] + fanOuts + [try records.cost(size: 80), try records.cost(size: 5_120)]
        for cost in costs {
            print(
                cost.name.padding(toLength: 46, withPad: " ", startingAt: 0),
                String(format: "%10.1f ns %10.4f allocations", cost.nanoseconds, cost.allocations))
        }
        // One turn may allocate; what grows with the members may not.
        let (few, many) = (fanOuts[0].allocations * 50, fanOuts[2].allocations * 1_000)
        print(String(format: "allocations of a turn: %.2f with 50 members, %.2f with 1,000", few, many))
        guard many < few + 1 else { exit(EXIT_FAILURE) }
    }
}
