/// What libFuzzer has thought of, taken from its front: first what decides how the rest is used.
public struct Input {
    private var rest: ArraySlice<UInt8>

    /// Copies the bytes, so that what is read beyond them is beyond a piece of memory, which AddressSanitizer sees.
    public init(_ start: UnsafePointer<UInt8>?, _ count: Int) {
        rest = Array(UnsafeBufferPointer(start: start, count: count))[...]
    }

    public var isEmpty: Bool { rest.isEmpty }

    /// The next byte; 0 where there is none, so that no input is too short.
    public mutating func byte() -> UInt8 {
        rest.popFirst() ?? 0
    }

    /// The next bytes, fewer at the end.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// All that is left.
    public mutating func remaining() -> [UInt8] {
        bytes(rest.count)
    }
}
