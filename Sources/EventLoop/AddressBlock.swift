/// Whose connections count as one client's: an IPv4 address, or an IPv6 network of 64 bits, in which a host takes any
/// address that it likes.
///
/// Source: RFC 4291, section 2.5.1; RFC 8981.
public struct AddressBlock: Hashable, Sendable {
    /// 4 or 6.
    public let family: UInt16
    /// The address, or the network.
    public let bits: UInt64

    init(ipv4 address: UInt32) {
        (family, bits) = (4, UInt64(address))
    }

    init(ipv6 network: UInt64) {
        (family, bits) = (6, network)
    }
}
