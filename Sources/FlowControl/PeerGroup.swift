/// The connections that share a limit: all connections of one address, or one connection in an exempt network.
public enum PeerGroup: Hashable, Sendable {
    /// An IPv4 address, or an IPv6 network.
    case address(family: UInt16, bits: UInt64)
    /// A connection of an exempt network, by its number.
    case connection(UInt64)

    /// Whether rules by address apply.
    public var isExempt: Bool {
        switch self {
        case .address: false
        case .connection: true
        }
    }
}
