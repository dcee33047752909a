/// Encrypts TLS 1.3 records as a client would, with any content: RFC 8446, section 5.2.
///
/// It takes over what the client sends: the connection, which must not have written anything, only reads from then on.
public final class RecordForger {
    /// A content type: RFC 8446, section 5.1.
    public enum ContentType {
        public static let alert: UInt8 = 21
        public static let handshake: UInt8 = 22
        public static let applicationData: UInt8 = 23
    }

    /// Why nothing can be forged for a connection.
    public enum Unsuitable: Error {
        case cipherSuite(String)
        /// The handshake is not done, or not of TLS 1.3.
        case noSecret
    }

    /// The only one that it knows: a value for ``TLSClientOptions/cipherSuites``.
    public static let cipherSuite = "TLS_AES_128_GCM_SHA256"

    private var key: TrafficKey
    private var sequenceNumber: UInt64 = 0

    /// - Parameter connection: its handshake is done.
    public init(_ connection: ClientConnection) throws {
        guard let secret = connection.secret("CLIENT_TRAFFIC_SECRET_0") else { throw Unsuitable.noSecret }
        let cipher = connection.agreed().cipher
        guard cipher == Self.cipherSuite else { throw Unsuitable.cipherSuite(cipher) }
        key = try TrafficKey(secret: secret)
    }

    /// A record.
    ///
    /// - Parameter padding: how many zeros stand behind the type.
    public func record(
        _ content: [UInt8], type: UInt8 = ContentType.applicationData, padding: Int = 0
    ) throws -> [UInt8] {
        try record(inner: content + [type] + [UInt8](repeating: 0, count: padding))
    }

    /// A record of what need not be a TLSInnerPlaintext.
    public func record(inner: [UInt8]) throws -> [UInt8] {
        let header = Self.header(length: inner.count + TrafficKey.tagLength)
        defer { sequenceNumber += 1 }
        return header + (try key.encrypt(inner, sequenceNumber: sequenceNumber, additionalData: header))
    }

    /// What stands before an encrypted record of so many bytes.
    public static func header(length: Int) -> [UInt8] {
        let length = UInt16(length)
        return [ContentType.applicationData, 3, 3, UInt8(length >> 8), UInt8(length & 0xFF)]
    }

    /// The message that new keys follow: RFC 8446, section 4.6.3.
    ///
    /// - Parameter requested: whether the server is to do the same.
    public static func keyUpdate(requested: Bool) -> [UInt8] {
        [24, 0, 0, 1, requested ? 1 : 0]
    }

    /// Has the next record be encrypted with new keys: RFC 8446, section 7.2.
    public func updateKeys() throws {
        key = try key.next()
        sequenceNumber = 0
    }
}
