import COpenSSL

/// An X.509 certificate.
final class Certificate {
    let pointer: OpaquePointer

    /// Takes over a pointer.
    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    /// A certificate of version 3 that is not signed yet, with a random serial number.
    ///
    /// - Parameter validity: in seconds from now.
    init(commonName: [UInt8]?, key: PrivateKey, validity: (from: Int, to: Int)) throws {
        guard let pointer = X509_new() else { throw OpenSSLFailure("X509_new") }
        self.pointer = pointer
        let serial = UInt64.random(in: 1...UInt64(Int64.max))
        try OpenSSLFailure.check(X509_set_version(pointer, Int(X509_VERSION_3)), "X509_set_version")
        try OpenSSLFailure.check(
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(pointer), serial), "ASN1_INTEGER_set_uint64")
        guard X509_gmtime_adj(X509_getm_notBefore(pointer), validity.from) != nil,
            X509_gmtime_adj(X509_getm_notAfter(pointer), validity.to) != nil
        else { throw OpenSSLFailure("X509_gmtime_adj") }
        if let commonName {
            // Not MBSTRING_UTF8, which judges the bytes and their number.
            try OpenSSLFailure.check(
                X509_NAME_add_entry_by_NID(
                    X509_get_subject_name(pointer), NID_commonName, V_ASN1_UTF8STRING, commonName,
                    CInt(commonName.count), -1, 0),
                "X509_NAME_add_entry_by_NID")
        }
        try OpenSSLFailure.check(X509_set_pubkey(pointer, key.pointer), "X509_set_pubkey")
    }

    deinit { X509_free(pointer) }

    /// All certificates of a PEM text.
    static func list(pem: String) throws -> [Certificate] {
        let bio = try MemoryBIO(pem)
        var certificates: [Certificate] = []
        while let pointer = PEM_read_bio_X509(bio.pointer, nil, nil, nil) { certificates.append(Certificate(pointer)) }
        // The end of the text is an error too.
        ERR_clear_error()
        return certificates
    }

    /// - Parameter value: as in a configuration file of OpenSSL, x509v3_config(5).
    func addExtension(_ identifier: CInt, _ value: String, issuer: Certificate) throws {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer.pointer, pointer, nil, nil, 0)
        guard let made = X509V3_EXT_conf_nid(nil, &context, identifier, value) else {
            throw OpenSSLFailure("X509V3_EXT_conf_nid")
        }
        defer { X509_EXTENSION_free(made) }
        try OpenSSLFailure.check(X509_add_ext(pointer, made, -1), "X509_add_ext")
    }

    func addAlternativeNames(_ names: AlternativeNames) throws {
        // RFC 5280, 4.2.1.6: critical if it is all that names the subject.
        let isCritical: CInt = X509_NAME_entry_count(X509_get_subject_name(pointer)) == 0 ? 1 : 0
        try OpenSSLFailure.check(
            X509_add1_ext_i2d(pointer, NID_subject_alt_name, UnsafeMutableRawPointer(names.pointer), isCritical, 0),
            "X509_add1_ext_i2d")
    }

    /// Nothing can be changed behind it.
    func sign(issuer: Certificate, key: PrivateKey) throws {
        try OpenSSLFailure.check(
            X509_set_issuer_name(pointer, X509_get_subject_name(issuer.pointer)), "X509_set_issuer_name")
        guard X509_sign(pointer, key.pointer, EVP_sha256()) > 0 else { throw OpenSSLFailure("X509_sign") }
    }

    func pem() throws -> String {
        let bio = try MemoryBIO()
        try OpenSSLFailure.check(PEM_write_bio_X509(bio.pointer, pointer), "PEM_write_bio_X509")
        return bio.text
    }
}
