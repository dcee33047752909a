/// How TLS is spoken. The defaults are Mozilla's "intermediate" profile, guidelines 6.0 (which have no DHE any more).
///
/// Source: https://wiki.mozilla.org/Security/Server_Side_TLS
public struct TLSPolicy: Equatable, Sendable {
    /// A version of TLS; the raw value is as people say it.
    public enum Version: String, CaseIterable, Sendable {
        case tls12 = "1.2"
        case tls13 = "1.3"
    }

    /// Whether clients show certificates.
    public enum ClientAuthentication: String, CaseIterable, Sendable {
        /// They are not asked.
        case off
        /// They may; one that cannot be verified ends the handshake.
        case optional
        /// Without one that can be verified there is no connection.
        case required
    }

    /// The oldest version that is spoken.
    public var minimumVersion = Version.tls12
    /// Whether clients show certificates.
    public var clientAuthentication = ClientAuthentication.off
    /// For TLS 1.2: openssl-ciphers(1). The client's order decides.
    public var ciphers = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ].joined(separator: ":")
    /// For TLS 1.3: SSL_CTX_set_ciphersuites(3). The client's order decides.
    public var cipherSuites = [
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
    ].joined(separator: ":")
    /// For the key exchange: SSL_CTX_set1_groups_list(3).
    public var groups = Self.defaultGroups

    /// The defaults.
    public init() {}
}
