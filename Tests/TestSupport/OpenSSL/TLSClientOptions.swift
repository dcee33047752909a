/// How a test's client speaks TLS.
public struct TLSClientOptions: Sendable {
    /// A version of TLS, by its number on the wire.
    public enum Version: CInt, Sendable {
        /// Needs a `cipherList` of `DEFAULT@SECLEVEL=0`.
        case tls11 = 0x0302
        case tls12 = 0x0303
        case tls13 = 0x0304
    }

    /// PEM of whom the client trusts.
    public var authority: String
    /// A DNS name, which is sent (SNI), an IP address, which is not, or neither.
    public var serverName: String? = "localhost"
    /// Whether the server's certificate must be for `serverName`.
    public var checksServerName = true
    public var minimumVersion = Version.tls12
    public var maximumVersion = Version.tls13
    /// What the client shows a server that asks for it.
    public var certificate: TestAuthority.Leaf?
    /// In order of preference; none is offered if it is empty.
    public var alpn: [String] = []
    /// Up to TLS 1.2, as in openssl-ciphers(1).
    public var cipherList: String?
    /// From TLS 1.3 on, as in SSL_CTX_set_ciphersuites(3).
    public var cipherSuites: String?
    /// As in SSL_CTX_set1_groups_list(3).
    public var groups: String?
    /// As in SSL_CTX_set1_sigalgs_list(3). It decides which kind of certificate a server shows.
    public var signatureAlgorithms: String?
    /// The most text that a record may hold, in bytes: a power of two from 512 to 4,096 (RFC 6066, section 4).
    public var maximumFragmentLength: Int?
    /// A session to resume.
    public var session: TLSTunnel.Session?

    public init(authority: String) {
        self.authority = authority
    }
}
