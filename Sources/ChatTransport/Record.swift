/// What a transport may read or send as a whole only.
public enum Record {
    /// In bytes of plaintext: that of TLS, RFC 8446, section 5.1.
    public static let maximumSize = 16 << 10
}
