import COpenSSL

/// What a client's connections have in common: whom they trust. They verify the server's certificate, always.
///
/// `@unchecked Sendable`: the SSL_CTX is set up in `init` and changed by nobody behind it; SSL_new and the handshakes only
/// read it, on any thread (openssl-threads(7)).
public final class TLSClientContext: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Trusts the authorities in a file of PEM text, or those of the system.
    public init(trusting authorities: TLSMaterial.File?) throws(TLSContextError) {
        do {
            pointer = try ErrorQueue.make("SSL_CTX_new") { SSL_CTX_new(TLS_client_method()) }
            try ErrorQueue.check("SSL_CTX_set_min_proto_version") {
                shim_SSL_CTX_set_min_proto_version(pointer, TLS1_2_VERSION)
            }
            // In the order of a server's policy, since the client's order decides.
            try ErrorQueue.check("SSL_CTX_set_ciphersuites") {
                SSL_CTX_set_ciphersuites(pointer, TLSPolicy().cipherSuites)
            }
            shim_SSL_CTX_set_mode(
                pointer,
                Int(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS))
            shim_SSL_CTX_clear_mode(pointer, Int(SSL_MODE_AUTO_RETRY))
            // What openssl.cnf may have set: an end without close_notify is truncation.
            SSL_CTX_clear_options(pointer, shim_SSL_OP_IGNORE_UNEXPECTED_EOF)
            SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
            if authorities == nil {
                try ErrorQueue.check("SSL_CTX_set_default_verify_paths") { SSL_CTX_set_default_verify_paths(pointer) }
            }
        } catch {
            throw TLSContextError(nil, .unusable(error))
        }
        if let authorities { try trust(authorities) }
    }

    deinit { SSL_CTX_free(pointer) }

    private func trust(_ file: TLSMaterial.File) throws(TLSContextError) {
        let store = SSL_CTX_get_cert_store(pointer)
        for authority in try ServerCertificate.certificates(in: file) {
            do {
                try ErrorQueue.check("X509_STORE_add_cert") { X509_STORE_add_cert(store, authority.pointer) }
            } catch {
                throw TLSContextError(file, .unusable(error))
            }
        }
    }
}
