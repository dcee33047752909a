import COpenSSL

/// What the connections of a time have in common: certificates, authorities, policy.
///
/// `@unchecked Sendable`: the SSL_CTX is set up in `init` and changed by nobody behind it; SSL_new and the handshakes only
/// read it, on any thread (openssl-threads(7)). It keeps no sessions, which are in the clients' tickets.
public final class TLSContext: @unchecked Sendable {
    /// What is presented, in the order of the configuration.
    public let certificates: [ServerCertificate]
    let ticketKeys: TicketKeys
    let pointer: OpaquePointer

    init(_ material: TLSMaterial, policy: TLSPolicy, ticketKeys: TicketKeys) throws(TLSContextError) {
        var certificates: [ServerCertificate] = []
        for pair in material.pairs { certificates.append(try ServerCertificate(pair)) }
        self.certificates = certificates
        self.ticketKeys = ticketKeys
        do {
            pointer = try ErrorQueue.make("SSL_CTX_new") { SSL_CTX_new(TLS_server_method()) }
            // What throws from here on leaves the pointer to deinit.
            try ErrorQueue.check("SSL_CTX_set_app_data") {
                shim_SSL_CTX_set_app_data(pointer, Unmanaged.passUnretained(self).toOpaque())
            }
            try apply(policy)
            try issueTickets()
        } catch {
            throw TLSContextError(nil, .unusable(error))
        }
        refuseUnknownProtocols()
        try presentCertificates(of: material)
        try authenticateClients(of: material, policy.clientAuthentication)
    }

    deinit { SSL_CTX_free(pointer) }

    /// That of a connection, for OpenSSL's callbacks. It outlives the connection, which holds it: TLSStream.
    static func of(_ ssl: OpaquePointer?) -> TLSContext? {
        shim_SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)).map {
            Unmanaged<TLSContext>.fromOpaque($0).takeUnretainedValue()
        }
    }

    private func apply(_ policy: TLSPolicy) throws(OpenSSLError) {
        SSL_CTX_set_options(pointer, shim_SSL_OP_NO_COMPRESSION | shim_SSL_OP_NO_RENEGOTIATION)
        // What openssl.cnf may have set: the client's order decides, and an end without close_notify is truncation.
        SSL_CTX_clear_options(pointer, shim_SSL_OP_CIPHER_SERVER_PREFERENCE | shim_SSL_OP_IGNORE_UNEXPECTED_EOF)
        shim_SSL_CTX_set_mode(
            pointer,
            Int(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS))
        // Otherwise one read would go on for as long as a peer sends KeyUpdates. (Empty records are limited by OpenSSL.)
        shim_SSL_CTX_clear_mode(pointer, Int(SSL_MODE_AUTO_RETRY))
        SSL_CTX_set_max_early_data(pointer, 0)
        SSL_CTX_set_security_level(pointer, 2)
        try ErrorQueue.check("SSL_CTX_set_min_proto_version") {
            shim_SSL_CTX_set_min_proto_version(pointer, policy.minimumVersion.number)
        }
        // 0: the newest that OpenSSL has.
        try ErrorQueue.check("SSL_CTX_set_max_proto_version") { shim_SSL_CTX_set_max_proto_version(pointer, 0) }
        try ErrorQueue.check("SSL_CTX_set_cipher_list") { SSL_CTX_set_cipher_list(pointer, policy.ciphers) }
        try ErrorQueue.check("SSL_CTX_set_ciphersuites") { SSL_CTX_set_ciphersuites(pointer, policy.cipherSuites) }
        try ErrorQueue.check("SSL_CTX_set1_groups_list") { shim_SSL_CTX_set1_groups_list(pointer, policy.groups) }
    }
}
