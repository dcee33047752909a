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
        // Only a numeric IPv6 address has colons, and it must have the brackets. A % is that of its zone: fe80::1%eth0.
        guard isBracketed == host.contains(":"),
            host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-_:%".contains($0)) })
        else { return nil }
        self.init(transport, host: String(host), port: port)
    }

    /// As in a configuration.
    public var description: String {
        "\(transport.rawValue)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
