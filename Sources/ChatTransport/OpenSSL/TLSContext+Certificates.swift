import COpenSSL

extension TLSContext {
    /// Presents the first certificate of each kind of key, or those for the server that the client names.
    func presentCertificates(of material: TLSMaterial) throws(TLSContextError) {
        for (certificate, pair) in zip(certificates, material.pairs) where isFirstOfKind(certificate, in: certificates)
        {
            do {
                try certificate.present("SSL_CTX_use_cert_and_key") {
                    SSL_CTX_use_cert_and_key(pointer, $0, $1, $2, $3)
                }
            } catch {
                throw TLSContextError(pair.certificate, .unusable(error))
            }
        }
        shim_SSL_CTX_set_tlsext_servername_callback(pointer) { ssl, _, _ in
            guard let ssl, let context = TLSContext.of(ssl) else { return SSL_TLSEXT_ERR_NOACK }
            return context.selectCertificates(for: ssl)
        }
    }

    /// Returns whether the name is to be acknowledged, or ends the handshake.
    ///
    /// Source: SSL_CTX_set_tlsext_servername_callback(3); RFC 6066, section 3.
    private func selectCertificates(for ssl: OpaquePointer) -> CInt {
        guard let host = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else { return SSL_TLSEXT_ERR_NOACK }
        let suitable = certificates.filter { $0.leaf.isFor(host) }
        guard !suitable.isEmpty else { return SSL_TLSEXT_ERR_NOACK }
        guard suitable.count < certificates.count else { return SSL_TLSEXT_ERR_OK }
        SSL_certs_clear(ssl)
        do throws(OpenSSLError) {
            for certificate in suitable where isFirstOfKind(certificate, in: suitable) {
                try certificate.present("SSL_use_cert_and_key") { SSL_use_cert_and_key(ssl, $0, $1, $2, $3) }
            }
            return SSL_TLSEXT_ERR_OK
        } catch {
            return SSL_TLSEXT_ERR_ALERT_FATAL
        }
    }

    /// OpenSSL has room for one certificate of each kind of key: the last one that it was given.
    private func isFirstOfKind(_ certificate: ServerCertificate, in certificates: [ServerCertificate]) -> Bool {
        certificates.first { $0.key.kind == certificate.key.kind }?.leaf === certificate.leaf
    }
}
