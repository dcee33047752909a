extension Span<UInt8> {
    /// The first index at or after `start` that holds `byte`. Looks at eight bytes at a time.
    func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        let pattern = UInt64(repeating: byte)
        return withUnsafeBytes { bytes in
            var index = start
            if let base = bytes.baseAddress {
                // Within bounds: each load ends at `count` or before it.
                while index &+ 8 <= bytes.count {
                    let word = UInt64(littleEndian: (base + index).loadUnaligned(as: UInt64.self))
                    let found = (word ^ pattern).zeroBytes
                    if found != 0 { return index &+ found.trailingZeroBitCount / 8 }
                    index &+= 8
                }
            }
            return index < bytes.count ? bytes[index...].firstIndex(of: byte) : nil
        }
    }

    /// The union of what a function makes of all bytes, eight at a time; some come twice, and fewer than eight come
    /// with spaces.
    @inline(__always)
    func union(of transform: (UInt64) -> UInt64) -> UInt64 {
        withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            guard bytes.count >= 8 else {
                return transform(bytes.reduce(UInt64(repeating: UInt8(ascii: " "))) { $0 << 8 | UInt64($1) })
            }
            // Within bounds: each load ends at `count` or before it.
            let last = bytes.count &- 8
            var result = transform((base + last).loadUnaligned(as: UInt64.self))
            var index = 0
            while index < last {
                result |= transform((base + index).loadUnaligned(as: UInt64.self))
                index &+= 8
            }
            return result
        }
    }
}

extension UInt64 {
    /// The high bit of each byte.
    static var highBits: UInt64 { UInt64(repeating: 0x80) }

    @inline(__always)
    init(repeating byte: UInt8) {
        self = UInt64(byte) &* 0x0101_0101_0101_0101
    }

    /// The high bit of the lowest byte that is 0, and of none below it.
    @inline(__always)
    fileprivate var zeroBytes: UInt64 { (self &- UInt64(repeating: 1)) & ~self & .highBits }
}

extension [UInt8] {
    package mutating func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}
