import Glibc

/// Hashes of lines without their LF: lines are compared by them.
enum LineHash {
    static let ok = of("OK")
    static let pong = of("PONG")
    static let notDelivered = of("ERR not-delivered")

    static func of(_ line: String) -> UInt64 {
        var line = line
        return line.withUTF8 { of($0) }
    }

    /// Eight bytes at a time, each mixed by a multiplication.
    static func of(_ line: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let bytes = UnsafeRawBufferPointer(line)
        var hash = UInt64(bytes.count) &* 0x9E37_79B9_7F4A_7C15
        func mix(_ word: UInt64) {
            hash = (hash ^ word) &* 0xBF58_476D_1CE4_E5B9
            hash ^= hash >> 29
        }
        var place = 0
        while place + 8 <= bytes.count {
            mix(bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        var word: UInt64 = 0
        for byte in bytes[place...] { word = word << 8 | UInt64(byte) }
        mix(word)
        return hash
    }
}

extension UnsafeBufferPointer<UInt8> {
    func starts(with prefix: StaticString) -> Bool {
        guard let baseAddress, count >= prefix.utf8CodeUnitCount else { return false }
        return memcmp(baseAddress, prefix.utf8Start, prefix.utf8CodeUnitCount) == 0
    }

    /// The index of the first LF.
    var firstLineEnd: Int? {
        guard let baseAddress, let end = memchr(baseAddress, CInt(UInt8(ascii: "\n")), count) else { return nil }
        return UnsafeRawPointer(end) - UnsafeRawPointer(baseAddress)
    }
}
