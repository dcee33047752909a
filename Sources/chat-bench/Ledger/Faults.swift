/// What a server must not do with lines. Counted in deliveries: one line to one receiver.
struct Faults: Equatable, Encodable {
    /// Were sent, and not received.
    var lost = 0
    /// Were received twice.
    var duplicated = 0
    /// Were received in another order than others have received them.
    var misordered = 0
    /// Lines for one receiver that the protocol does not explain.
    var unexpected = 0

    var isEmpty: Bool { self == Faults() }
}
