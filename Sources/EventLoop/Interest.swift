/// What an event loop watches a descriptor for.
public struct Interest: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let readable = Self(rawValue: 1)
    public static let writable = Self(rawValue: 2)
}

/// What has become possible on a descriptor.
public struct Readiness: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let readable = Self(rawValue: 1)
    public static let writable = Self(rawValue: 2)
    /// The connection is gone in both directions, or failed: reported whatever the interest, as poll(2) does.
    public static let hangup = Self(rawValue: 4)
}
