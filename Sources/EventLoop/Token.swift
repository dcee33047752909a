/// Names one registration with an event loop. Unlike its descriptor, it is used again only after 2³² others.
public struct Token: Hashable, Sendable {
    /// The descriptor in the lower half.
    public let rawValue: UInt64

    init(descriptor: CInt, generation: UInt32) {
        rawValue = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
    }

    init(rawValue: UInt64) { self.rawValue = rawValue }

    /// As it was when the token was made.
    package var descriptor: CInt { CInt(truncatingIfNeeded: rawValue) }

    /// The descriptor, in a list of them: those of sources are not negative.
    var place: Int { Int(descriptor) }
}
