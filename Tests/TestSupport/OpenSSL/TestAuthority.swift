import COpenSSL

/// A certificate authority that issues whatever a test needs, in memory.
public struct TestAuthority: Sendable {
    public enum KeyKind: Sendable {
        case p256
        case rsa2048
        /// Too weak for OpenSSL's security level 2, which is Debian's and Ubuntu's default.
        case rsa1024
    }

    /// What a certificate may be used for: its extended key usage.
    public enum Purpose: String, Sendable {
        case server = "serverAuth"
        case client = "clientAuth"
    }

    /// Whom a certificate is for. Bytes, so that a test can say what is not text.
    public struct Names: Sendable {
        public var commonName: [UInt8]?
        public var dns: [[UInt8]]
        public var emails: [[UInt8]]
        /// IPv4 or IPv6, as text.
        public var ipAddresses: [String]

        /// A NUL in a string is one in the certificate.
        public init(
            commonName: String? = nil, dns: [String] = [], emails: [String] = [], ipAddresses: [String] = []
        ) {
            self.commonName = commonName.map { Array($0.utf8) }
            self.dns = dns.map { Array($0.utf8) }
            self.emails = emails.map { Array($0.utf8) }
            self.ipAddresses = ipAddresses
        }

        /// What a server on this machine is called.
        public static let localhost = Names(
            commonName: "localhost", dns: ["localhost"], ipAddresses: ["127.0.0.1", "::1"])
    }

    /// What a server or a client shows who it is with.
    public struct Leaf: Sendable {
        /// PEM: its certificate, then those of the authorities between it and the root.
        public let certificate: String
        /// PEM, PKCS #8.
        public let privateKey: String
    }

    /// PEM.
    public let certificate: String
    private let privateKey: String
    /// PEM: what a leaf shows behind its own certificate.
    private let chain: String

    /// A root, or an intermediate authority if another issues it.
    public init(name: String = "Test CA", issuedBy parent: TestAuthority? = nil) throws {
        let key = try PrivateKey(.p256)
        let own = try Certificate(commonName: Array(name.utf8), key: key, validity: (-86_400, 365 * 86_400))
        let issuer = try parent?.loaded() ?? (certificate: own, key: key)
        try own.addExtension(NID_subject_key_identifier, "hash", issuer: own)
        try own.addExtension(NID_authority_key_identifier, "keyid:always", issuer: issuer.certificate)
        try own.addExtension(NID_basic_constraints, "critical,CA:TRUE", issuer: own)
        try own.addExtension(NID_key_usage, "critical,keyCertSign,cRLSign", issuer: own)
        try own.sign(issuer: issuer.certificate, key: issuer.key)
        certificate = try own.pem()
        privateKey = try key.pem()
        chain = parent.map { [certificate] in certificate + $0.chain } ?? ""
    }

    /// - Parameters:
    ///   - validFrom: in seconds from now.
    ///   - validTo: in seconds from now.
    ///   - padding: how many bytes of comment make the certificate larger.
    public func issue(
        _ names: Names = .localhost, key kind: KeyKind = .p256, validFrom: Int = -3_600, validTo: Int = 86_400,
        purpose: Purpose = .server, padding: Int = 0
    ) throws -> Leaf {
        let issuer = try loaded()
        let key = try PrivateKey(kind)
        let leaf = try Certificate(commonName: names.commonName, key: key, validity: (validFrom, validTo))
        try leaf.addExtension(NID_subject_key_identifier, "hash", issuer: issuer.certificate)
        try leaf.addExtension(NID_authority_key_identifier, "keyid:always", issuer: issuer.certificate)
        try leaf.addExtension(NID_basic_constraints, "critical,CA:FALSE", issuer: issuer.certificate)
        try leaf.addExtension(NID_key_usage, "critical,digitalSignature", issuer: issuer.certificate)
        try leaf.addExtension(NID_ext_key_usage, purpose.rawValue, issuer: issuer.certificate)
        if !(names.dns.isEmpty && names.emails.isEmpty && names.ipAddresses.isEmpty) {
            try leaf.addAlternativeNames(AlternativeNames(names))
        }
        if padding > 0 {
            let comment = String(repeating: "x", count: padding)
            try leaf.addExtension(NID_netscape_comment, comment, issuer: issuer.certificate)
        }
        try leaf.sign(issuer: issuer.certificate, key: issuer.key)
        return Leaf(certificate: try leaf.pem() + chain, privateKey: try key.pem())
    }

    private func loaded() throws -> (certificate: Certificate, key: PrivateKey) {
        guard let own = try Certificate.list(pem: certificate).first else { throw OpenSSLFailure("PEM_read_bio_X509") }
        return (own, try PrivateKey(pem: privateKey))
    }
}
