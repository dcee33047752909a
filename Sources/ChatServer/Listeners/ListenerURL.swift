/// Where a listener listens, and with which transport: `plain://127.0.0.1:4000`, `plain://[::]:4000`.
public struct ListenerURL: Equatable, Sendable, CustomStringConvertible {
    /// The URL's scheme.
    public let transport: TransportKind
    /// A name or a numeric address, without brackets.
    public let host: String
    /// 0: the kernel chooses one.
    public let port: UInt16

    /// The host of a listener on every address of the machine: of both families, where it has IPv6.
    public static let anyHost = "::"

    /// A listener on a name or a numeric address, the latter without brackets.
    public init(_ transport: TransportKind, host: String, port: UInt16) {
        self.transport = transport
        self.host = host
        self.port = port
    }

    /// `nil` where `text` is not the URL of a transport, a host and a port and nothing else.
    public init?(_ text: String) {
        guard let separator = text.firstRange(of: "://"), let colon = text.lastIndex(of: ":"),
            separator.upperBound < colon,
            let transport = TransportKind(rawValue: text[..<separator.lowerBound].lowercased()),
            let port = text[text.index(after: colon)...].digits.flatMap({ UInt16($0) })
        else { return nil }
        var host = text[separator.upperBound..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        // Only a numeric IPv6 address has colons, and it must have the brackets.
        guard isBracketed == host.contains(":"), host.utf8.allSatisfy(Self.isHostByte) else { return nil }
        self.init(transport, host: String(host), port: port)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        // The last is that of an IPv6 address with a zone, such as fe80::1%eth0.
        default: ".-_:%".utf8.contains(byte)
        }
    }

    /// As in a configuration.
    public var description: String {
        "\(transport.rawValue)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
