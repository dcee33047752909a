import COpenSSL

/// A private key.
///
/// `@unchecked Sendable`: behind `init` nothing changes it; OpenSSL counts its references and caches its exported forms
/// under locks of its own.
final class PrivateKey: @unchecked Sendable {
    let pointer: OpaquePointer

    /// The first private key in PEM text. It must not need a password.
    ///
    /// Source: PEM_read_bio_PrivateKey(3).
    init(pem text: [UInt8]) throws(OpenSSLError) {
        pointer = try PEM.read(text) { bio throws(OpenSSLError) in
            try ErrorQueue.make("PEM_read_bio_PrivateKey") { PEM_read_bio_PrivateKey(bio, nil, noPassword, nil) }
        }
    }

    deinit { EVP_PKEY_free(pointer) }

    /// The kind of key: `EVP_PKEY_RSA`, `EVP_PKEY_EC`, … A server presents one certificate of each.
    var kind: CInt { EVP_PKEY_get_base_id(pointer) }

    /// Whether it is that of the certificate: X509_check_private_key(3).
    func isFor(_ certificate: Certificate) -> Bool {
        ErrorQueue.around { X509_check_private_key(certificate.pointer, pointer) }.result == 1
    }
}
