extension Span<UInt8> {
    /// The first index at or after `start` that holds `byte`.
    func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        withUnsafeBufferPointer { bytes in bytes[Swift.min(start, bytes.count)...].firstIndex(of: byte) }
    }

    /// How many of the bytes satisfy `condition`. Looks at all of them, which the compiler turns into vector instructions:
    /// for short lines that is faster than a loop that stops at the first.
    @inline(__always)
    func count(where condition: (UInt8) -> Bool) -> Int {
        var count = 0
        for index in indices { count &+= condition(self[index]) ? 1 : 0 }
        return count
    }
}

extension [UInt8] {
    package mutating func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}
