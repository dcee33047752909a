import COpenSSL

/// What one side encrypts its records with, under TLS_AES_128_GCM_SHA256: RFC 8446, sections 5.2 and 7.3.
struct TrafficKey {
    static let tagLength = 16

    private let secret: [UInt8]
    private let key: [UInt8]
    private let iv: [UInt8]

    init(secret: [UInt8]) throws {
        self.secret = secret
        key = try Self.expand(secret, "key", length: 16)
        iv = try Self.expand(secret, "iv", length: 12)
    }

    /// The next generation: RFC 8446, section 7.2.
    func next() throws -> TrafficKey {
        try TrafficKey(secret: Self.expand(secret, "traffic upd", length: 32))
    }

    /// The ciphertext, and its tag behind it.
    func encrypt(_ plaintext: [UInt8], sequenceNumber: UInt64, additionalData: [UInt8]) throws -> [UInt8] {
        guard let context = EVP_CIPHER_CTX_new() else { throw OpenSSLFailure("EVP_CIPHER_CTX_new") }
        defer { EVP_CIPHER_CTX_free(context) }
        var ciphertext = [UInt8](repeating: 0, count: plaintext.count)
        var tag = [UInt8](repeating: 0, count: Self.tagLength)
        var count: CInt = 0
        try OpenSSLFailure.check(
            EVP_EncryptInit_ex2(context, EVP_aes_128_gcm(), key, nonce(sequenceNumber), nil), "EVP_EncryptInit_ex2")
        try OpenSSLFailure.check(
            EVP_EncryptUpdate(context, nil, &count, additionalData, CInt(additionalData.count)), "EVP_EncryptUpdate")
        try OpenSSLFailure.check(
            EVP_EncryptUpdate(context, &ciphertext, &count, plaintext, CInt(plaintext.count)), "EVP_EncryptUpdate")
        try OpenSSLFailure.check(EVP_EncryptFinal_ex(context, &tag, &count), "EVP_EncryptFinal_ex")
        try OpenSSLFailure.check(
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, CInt(tag.count), &tag), "EVP_CIPHER_CTX_ctrl")
        return ciphertext + tag
    }

    /// RFC 8446, section 5.3.
    private func nonce(_ sequenceNumber: UInt64) -> [UInt8] {
        let number = (0..<8).map { UInt8(truncatingIfNeeded: sequenceNumber >> (56 - 8 * $0)) }
        return zip(iv, [0, 0, 0, 0] + number).map { $0 ^ $1 }
    }

    /// HKDF-Expand-Label without a context: RFC 8446, section 7.1.
    ///
    /// - Parameter length: no more than a digest's, so that one HMAC does: RFC 5869, section 2.3.
    private static func expand(_ secret: [UInt8], _ label: String, length: UInt8) throws -> [UInt8] {
        let label = Array("tls13 ".utf8) + Array(label.utf8)
        let info = [0, length, UInt8(label.count)] + label + [0]
        let input = info + [1]
        var digest = [UInt8](repeating: 0, count: 32)
        guard HMAC(EVP_sha256(), secret, CInt(secret.count), input, input.count, &digest, nil) != nil else {
            throw OpenSSLFailure("HMAC")
        }
        return Array(digest.prefix(Int(length)))
    }
}
