import Glibc

/// An IPv4 or IPv6 network: `127.0.0.0/8`, `::1`.
///
/// Source: RFC 4632, section 3.1; inet_pton(3).
public struct Network: Hashable, Sendable, CustomStringConvertible {
    private let text: String
    private let high: UInt64
    private let low: UInt64
    /// Of an IPv4 network, as that of the mapped addresses.
    private let prefixLength: UInt8

    /// `nil` if `text` is not an address with or without a prefix length.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var (ipv4, ipv6) = (in_addr(), in6_addr())
        let width: UInt8
        if inet_pton(AF_INET, parts[0], &ipv4) == 1 {
            width = 32
            (high, low) = (0, 0xffff << 32 | UInt64(UInt32(bigEndian: ipv4.s_addr)))
        } else if inet_pton(AF_INET6, parts[0], &ipv6) == 1 {
            width = 128
            (high, low) = withUnsafeBytes(of: ipv6) { bytes in
                (
                    UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
        } else {
            return nil
        }
        var length = width
        if parts.count == 2 {
            guard let given = UInt8(parts[1]), given <= width, parts[1].first?.isNumber == true else { return nil }
            length = given
        }
        prefixLength = 128 - width + length
        self.text = text
    }

    /// The machine's own addresses.
    public static var loopback: [Self] { ["127.0.0.0/8", "::1"].compactMap(Self.init) }

    /// Whether the address is in the network. An IPv4 address is the same as its mapped one.
    public func contains(_ address: SocketAddress) -> Bool {
        guard let bits = address.bits else { return false }
        func differs(_ left: UInt64, _ right: UInt64, length: UInt8) -> Bool {
            length > 0 && (left ^ right) >> (64 - UInt64(min(length, 64))) != 0
        }
        return !differs(bits.high, high, length: prefixLength)
            && !(prefixLength > 64 && differs(bits.low, low, length: prefixLength - 64))
    }

    /// As it was written.
    public var description: String { text }

    /// Whether two networks have the same addresses, however they are written.
    public static func == (left: Self, right: Self) -> Bool {
        left.prefixLength == right.prefixLength && left.high == right.high && left.low == right.low
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(high)
        hasher.combine(low)
        hasher.combine(prefixLength)
    }
}
