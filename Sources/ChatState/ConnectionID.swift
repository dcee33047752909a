/// Which connection, and which event loop serves it.
public struct ConnectionID: Hashable, Sendable {
    /// The event loop's index, from 0.
    public let loop: Int
    /// Unique among the connections that the loop ever serves.
    public let number: UInt64

    public init(loop: Int, number: UInt64) {
        self.loop = loop
        self.number = number
    }
}
