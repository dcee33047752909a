/// The floor's own process cannot go on.
struct FloorFailure: Error, CustomStringConvertible {
    let call: String

    var description: String { "the floor: \(call) has failed" }
}
