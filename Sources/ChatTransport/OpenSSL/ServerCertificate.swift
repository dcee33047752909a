import COpenSSL
public import FoundationEssentials

/// A certificate with its chain and its private key, as a server presents it. It was in date when it was made.
public struct ServerCertificate: Sendable {
    /// The file it comes from.
    public let file: String
    /// Until when it is valid.
    public let expiry: Date
    /// Whom it was issued to, each name once.
    public let names: [String]

    let leaf: Certificate
    let intermediates: [Certificate]
    let key: PrivateKey

    init(_ pair: TLSMaterial.Pair) throws(TLSContextError) {
        let file = pair.certificate
        let chain = try Self.certificates(in: file)
        leaf = chain[0]
        intermediates = Array(chain.dropFirst())
        do {
            key = try PrivateKey(pem: pair.privateKey.bytes)
        } catch {
            throw TLSContextError(pair.privateKey, Self.problem(of: pair.privateKey, error))
        }
        guard key.isFor(leaf) else { throw TLSContextError(pair.privateKey, .keyMismatch(certificate: file.path)) }
        // Of the leaf only: chains do carry expired cross-signatures of authorities, for clients that accept them.
        expiry = leaf.expiry
        let now = Date.now
        guard leaf.beginning <= now else { throw TLSContextError(file, .notYetValid(leaf.beginning)) }
        guard now < expiry else { throw TLSContextError(file, .expired(expiry)) }
        self.file = file.path
        names = leaf.names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private static func problem(of file: TLSMaterial.File, _ error: OpenSSLError) -> TLSContextError.Problem {
        if error.isForLackOfPassword { return .encryptedKey }
        // OpenSSL gives the same reason for a text without a key and for one with a broken key.
        let holdsKey = String(decoding: file.bytes, as: UTF8.self).contains("PRIVATE KEY-----")
        return holdsKey ? .unusable(error) : .noPrivateKey
    }

    static func certificates(in file: TLSMaterial.File) throws(TLSContextError) -> [Certificate] {
        do {
            return try Certificate.all(inPEM: file.bytes)
        } catch {
            throw TLSContextError(file, error.isEndOfPEM ? .noCertificate : .unusable(error))
        }
    }

    /// Has `use` present the certificate: it is SSL_CTX_use_cert_and_key(3), or that for an SSL.
    func present(
        _ call: String,
        by use: (_ leaf: OpaquePointer, _ key: OpaquePointer, _ chain: OpaquePointer, _ override: CInt) -> CInt
    ) throws(OpenSSLError) {
        let chain = try ErrorQueue.make("sk_X509_new_null") { shim_sk_X509_new_null() }
        // The stack borrows the certificates; the call takes references of its own.
        defer { shim_sk_X509_free(chain) }
        for certificate in intermediates { shim_sk_X509_push(chain, certificate.pointer) }
        try ErrorQueue.check(call) { use(leaf.pointer, key.pointer, chain, 1) }
    }
}
