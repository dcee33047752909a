import Glibc

/// Names one registration with an event loop; never used twice by the same loop, unlike its descriptor.
public struct Token: Hashable, Sendable {
    public let rawValue: UInt64

    init(descriptor: CInt, generation: UInt32) {
        rawValue = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
    }

    init(rawValue: UInt64) { self.rawValue = rawValue }

    var descriptor: CInt { CInt(truncatingIfNeeded: rawValue) }
}
