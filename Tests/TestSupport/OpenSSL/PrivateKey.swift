import COpenSSL

/// A key pair.
final class PrivateKey {
    let pointer: OpaquePointer

    init(_ kind: TestAuthority.KeyKind) throws {
        let pointer =
            switch kind {
            case .p256: shim_EVP_EC_gen("P-256")
            case .rsa1024: shim_EVP_RSA_gen(1_024)
            case .rsa2048: shim_EVP_RSA_gen(2_048)
            }
        guard let pointer else { throw OpenSSLFailure("EVP_PKEY_Q_keygen") }
        self.pointer = pointer
    }

    init(pem: String) throws {
        let bio = try MemoryBIO(pem)
        guard let pointer = PEM_read_bio_PrivateKey(bio.pointer, nil, nil, nil) else {
            throw OpenSSLFailure("PEM_read_bio_PrivateKey")
        }
        self.pointer = pointer
    }

    deinit { EVP_PKEY_free(pointer) }

    /// PKCS #8, not encrypted.
    func pem() throws -> String {
        let bio = try MemoryBIO()
        try OpenSSLFailure.check(
            PEM_write_bio_PKCS8PrivateKey(bio.pointer, pointer, nil, nil, 0, nil, nil), "PEM_write_bio_PKCS8PrivateKey")
        return bio.text
    }
}
