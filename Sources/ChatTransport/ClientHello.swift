/// The first bytes of a TLS connection, seen from outside.
///
/// Source: RFC 8446, section 5.1 (record layer).
enum ClientHello {
    private static let handshakeRecord: UInt8 = 22
    private static let majorVersion: UInt8 = 3

    /// Whether a stream that begins with these bytes, at least one, begins with a ClientHello; `nil` if the next byte will tell.
    static func begins(_ bytes: Span<UInt8>) -> Bool? {
        guard bytes[0] == handshakeRecord else { return false }
        guard bytes.count > 1 else { return nil }
        return bytes[1] == majorVersion
    }
}
