/// A name of 1 to 32 ASCII letters, digits, `_`, `-` and `.`.
struct Username: CustomStringConvertible {
    let description: String
    /// Equal for names that differ in case only.
    let key: [UInt8]

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard 1...32 ~= bytes.count, bytes.allSatisfy(\.isAllowed) else { return nil }
        description = String(decoding: bytes, as: UTF8.self)
        key = Self.key(of: bytes)
    }

    static func key(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
        bytes.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
    }
}

extension UInt8 {
    fileprivate var isAllowed: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }
}
