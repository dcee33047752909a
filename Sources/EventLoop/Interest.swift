/// What an event loop watches a descriptor for.
public struct Interest: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Bytes, the end of the peer's stream, or a connection to accept.
    public static let readable = Self(rawValue: 1)
    /// Room for bytes.
    public static let writable = Self(rawValue: 2)
    /// The connection has ended in both directions, or has failed. Told to whoever is interested in anything.
    public static let hangUp = Self(rawValue: 4)
}
