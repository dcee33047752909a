import COpenSSL

/// What OpenSSL makes a client's connections from.
///
/// Used by one thread at a time, as its connections are.
public final class ClientContext {
    let options: TLSClientOptions
    let pointer: OpaquePointer
    /// That of its connections.
    private(set) var keyLog = KeyLog()

    public init(_ options: TLSClientOptions) throws {
        self.options = options
        guard let pointer = SSL_CTX_new(TLS_client_method()) else { throw OpenSSLFailure("SSL_CTX_new") }
        self.pointer = pointer
        try OpenSSLFailure.check(
            shim_SSL_CTX_set_min_proto_version(pointer, options.minimumVersion.rawValue),
            "SSL_CTX_set_min_proto_version")
        try OpenSSLFailure.check(
            shim_SSL_CTX_set_max_proto_version(pointer, options.maximumVersion.rawValue),
            "SSL_CTX_set_max_proto_version")
        shim_SSL_CTX_set_mode(pointer, Int(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER))
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        for certificate in try Certificate.list(pem: options.authority) {
            try OpenSSLFailure.check(
                X509_STORE_add_cert(SSL_CTX_get_cert_store(pointer), certificate.pointer), "X509_STORE_add_cert")
        }
        if let list = options.cipherList {
            try OpenSSLFailure.check(SSL_CTX_set_cipher_list(pointer, list), "SSL_CTX_set_cipher_list")
        }
        if let list = options.cipherSuites {
            try OpenSSLFailure.check(SSL_CTX_set_ciphersuites(pointer, list), "SSL_CTX_set_ciphersuites")
        }
        if let list = options.groups {
            try OpenSSLFailure.check(shim_SSL_CTX_set1_groups_list(pointer, list), "SSL_CTX_set1_groups_list")
        }
        if let list = options.signatureAlgorithms {
            try OpenSSLFailure.check(shim_SSL_CTX_set1_sigalgs_list(pointer, list), "SSL_CTX_set1_sigalgs_list")
        }
        if let length = options.maximumFragmentLength {
            // 1 stands for 2^9.
            let mode = UInt8(clamping: length.trailingZeroBitCount - 8)
            try OpenSSLFailure.check(
                SSL_CTX_set_tlsext_max_fragment_length(pointer, mode), "SSL_CTX_set_tlsext_max_fragment_length")
        }
        if let leaf = options.certificate { try use(leaf) }
        if !options.alpn.isEmpty { try offer(options.alpn) }
        try logKeys()
    }

    deinit { SSL_CTX_free(pointer) }

    private func logKeys() throws {
        // Its connections hold it: ClientConnection.
        try OpenSSLFailure.check(
            shim_SSL_CTX_set_app_data(pointer, Unmanaged.passUnretained(self).toOpaque()), "SSL_CTX_set_app_data")
        SSL_CTX_set_keylog_callback(pointer) { ssl, line in
            guard let line, let context = shim_SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)) else { return }
            Unmanaged<ClientContext>.fromOpaque(context).takeUnretainedValue().keyLog.append(String(cString: line))
        }
    }

    private func use(_ leaf: TestAuthority.Leaf) throws {
        let certificates = try Certificate.list(pem: leaf.certificate)
        let key = try PrivateKey(pem: leaf.privateKey)
        guard let own = certificates.first, let chain = shim_sk_X509_new_null() else {
            throw OpenSSLFailure("sk_X509_new_null")
        }
        defer {
            shim_sk_X509_free(chain)
            // The stack does not own them, and Swift may let go of an array behind its last use.
            withExtendedLifetime(certificates) {}
        }
        for certificate in certificates.dropFirst() {
            guard shim_sk_X509_push(chain, certificate.pointer) > 0 else { throw OpenSSLFailure("sk_X509_push") }
        }
        try OpenSSLFailure.check(
            SSL_CTX_use_cert_and_key(pointer, own.pointer, key.pointer, chain, 1), "SSL_CTX_use_cert_and_key")
    }

    private func offer(_ protocols: [String]) throws {
        let names = protocols.flatMap { [UInt8(clamping: $0.utf8.count)] + Array($0.utf8) }
        // It returns 0 for success.
        guard SSL_CTX_set_alpn_protos(pointer, names, CUnsignedInt(names.count)) == 0 else {
            throw OpenSSLFailure("SSL_CTX_set_alpn_protos")
        }
    }
}
