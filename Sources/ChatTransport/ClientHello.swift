/// The first bytes of a TLS connection, seen from outside.
///
/// Source: RFC 8446, sections 5.1 (record layer) and 6 (alerts).
enum ClientHello {
    private static let handshakeRecord: UInt8 = 22
    private static let majorVersion: UInt8 = 3

    /// A fatal unexpected_message alert in a record of TLS 1.0, the version that a first record is to be understood in.
    static let refusal: [UInt8] = [21, majorVersion, 1, 0, 2, 2, 10]

    /// Whether a stream that begins with these bytes, at least one, begins with a ClientHello; `nil` if the next byte will tell.
    static func begins(_ bytes: Span<UInt8>) -> Bool? {
        guard bytes[0] == handshakeRecord else { return false }
        guard bytes.count > 1 else { return nil }
        return bytes[1] == majorVersion
    }
}
