extension Span<UInt8> {
    /// The first index at or after `start` that holds `byte`.
    func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        let pattern = UInt64(repeating: byte)
        return firstIndex(from: start, where: { $0 == byte }, inWords: { ($0 ^ pattern).zeroBytes })
    }

    /// The first index at or after `start` whose byte satisfies a condition. Looks at eight bytes at a time:
    /// `candidates` is 0 for eight bytes of which none does.
    @inline(__always)
    func firstIndex(
        from start: Int, where condition: (UInt8) -> Bool, inWords candidates: (UInt64) -> UInt64
    ) -> Int? {
        withUnsafeBytes { bytes in
            var index = start
            while bytes.count - index >= 8 {
                if candidates(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) != 0,
                    let found = bytes[index..<index + 8].firstIndex(where: condition)
                {
                    return found
                }
                index += 8
            }
            return index < bytes.count ? bytes[index...].firstIndex(where: condition) : nil
        }
    }
}

extension UInt64 {
    init(repeating byte: UInt8) {
        self = UInt64(byte) &* 0x0101_0101_0101_0101
    }

    /// Not 0 where one of the bytes is 0: a byte's own high bit, but for those above the lowest that is 0.
    var zeroBytes: UInt64 { (self &- UInt64(repeating: 1)) & ~self & UInt64(repeating: 0x80) }

    /// Not 0 where one of the bytes is below `limit`, which is at most 128, or above 127.
    func bytes(below limit: UInt8) -> UInt64 {
        ((self &- UInt64(repeating: limit)) | self) & UInt64(repeating: 0x80)
    }
}

extension [UInt8] {
    package mutating func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}
