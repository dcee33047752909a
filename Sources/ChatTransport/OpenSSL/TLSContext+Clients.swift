import COpenSSL

extension TLSContext {
    /// Asks clients for certificates, and verifies them against the authorities.
    ///
    /// Source: SSL_CTX_set_verify(3), SSL_CTX_add_client_CA(3).
    func authenticateClients(
        of material: TLSMaterial, _ authentication: TLSPolicy.ClientAuthentication
    ) throws(TLSContextError) {
        var trusted: [Certificate] = []
        if let file = material.clientAuthorities {
            trusted = try ServerCertificate.certificates(in: file)
            let store = SSL_CTX_get_cert_store(pointer)
            // Whoever trusts an intermediate authority need not trust the root above it.
            X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
            // And no store that openssl.cnf may name.
            shim_SSL_CTX_set1_verify_cert_store(pointer, store)
            for authority in trusted {
                do {
                    try ErrorQueue.check("X509_STORE_add_cert") {
                        X509_STORE_add_cert(store, authority.pointer)
                    }
                    try ErrorQueue.check("SSL_CTX_add_client_CA") { SSL_CTX_add_client_CA(pointer, authority.pointer) }
                } catch {
                    throw TLSContextError(file, .unusable(error))
                }
            }
        }
        SSL_CTX_set_verify(pointer, authentication.mode, nil)
        do {
            try bindSessions(to: trusted, authentication)
        } catch {
            throw TLSContextError(nil, .unusable(error))
        }
    }

    /// Who resumes a session is verified by its ticket, so a ticket is good only where the same authorities vouch for clients.
    ///
    /// Source: SSL_CTX_set_session_id_context(3).
    private func bindSessions(
        to trusted: [Certificate], _ authentication: TLSPolicy.ClientAuthentication
    ) throws(OpenSSLError) {
        let identity = Array(authentication.rawValue.utf8) + trusted.flatMap(\.encoded)
        var digest = [UInt8](repeating: 0, count: Int(SSL_MAX_SID_CTX_LENGTH))
        try ErrorQueue.check("EVP_Digest") { EVP_Digest(identity, identity.count, &digest, nil, EVP_sha256(), nil) }
        try ErrorQueue.check("SSL_CTX_set_session_id_context") {
            SSL_CTX_set_session_id_context(pointer, digest, UInt32(digest.count))
        }
    }
}
