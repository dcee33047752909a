import COpenSSL

extension TLSContext {
    /// Gives each client a ticket with which it resumes its session: no session is kept here, and none takes early data,
    /// which could be replayed.
    ///
    /// Source: SSL_CTX_set_tlsext_ticket_key_evp_cb(3), SSL_CTX_set_num_tickets(3).
    func issueTickets() throws(OpenSSLError) {
        shim_SSL_CTX_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_OFF))
        SSL_CTX_set_timeout(pointer, Int(TicketKeys.ticketLifetime.components.seconds))
        // A second one would be for a second connection at once, and costs a tenth of the handshake.
        try ErrorQueue.check("SSL_CTX_set_num_tickets") { SSL_CTX_set_num_tickets(pointer, 1) }
        try ErrorQueue.check("SSL_CTX_set_tlsext_ticket_key_evp_cb") {
            SSL_CTX_set_tlsext_ticket_key_evp_cb(pointer) { ssl, name, iv, cipher, mac, encrypts in
                guard let keys = TLSContext.of(ssl)?.ticketKeys, let name, let iv else { return -1 }
                return encrypts == 1
                    ? TLSContext.encryptTicket(under: keys, name, iv, cipher, mac)
                    : TLSContext.decryptTicket(under: keys, name, iv, cipher, mac, for: ssl)
            }
        }
    }

    /// Returns 1, or -1 where there can be no ticket.
    private static func encryptTicket(
        under keys: TicketKeys, _ name: UnsafeMutablePointer<UInt8>, _ iv: UnsafeMutablePointer<UInt8>,
        _ cipher: OpaquePointer?, _ mac: OpaquePointer?
    ) -> CInt {
        guard let key = keys.current() else { return -1 }
        name.update(from: key.name, count: TicketKeys.nameLength)
        guard RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1,
            EVP_EncryptInit_ex2(cipher, EVP_aes_256_cbc(), key.encryption, iv, nil) == 1,
            authenticate(mac, with: key)
        else { return -1 }
        return 1
    }

    /// Returns 1, 2 where the client is to get a new ticket, 0 where it has to do without its session, or -1.
    private static func decryptTicket(
        under keys: TicketKeys, _ name: UnsafeMutablePointer<UInt8>, _ iv: UnsafeMutablePointer<UInt8>,
        _ cipher: OpaquePointer?, _ mac: OpaquePointer?, for ssl: OpaquePointer?
    ) -> CInt {
        let name = UnsafeBufferPointer(start: name, count: TicketKeys.nameLength)
        guard let (key, isCurrent) = keys.key(named: name) else { return 0 }
        guard EVP_DecryptInit_ex2(cipher, EVP_aes_256_cbc(), key.encryption, iv, nil) == 1,
            authenticate(mac, with: key)
        else { return -1 }
        // In TLS 1.3 a client uses a ticket once, so that nobody can tell its connections to be the same client's:
        // RFC 8446, section C.4.
        return isCurrent && SSL_version(ssl) < TLS1_3_VERSION ? 1 : 2
    }

    private static func authenticate(_ mac: OpaquePointer?, with key: TicketKeys.Key) -> Bool {
        var secret = key.authentication
        var digest = Array("SHA256".utf8CString)
        return secret.withUnsafeMutableBytes { secret in
            digest.withUnsafeMutableBufferPointer { digest in
                OSSL_MAC_PARAM_KEY.withCString { keyName in
                    OSSL_MAC_PARAM_DIGEST.withCString { digestName in
                        let parameters = [
                            OSSL_PARAM_construct_octet_string(keyName, secret.baseAddress, secret.count),
                            OSSL_PARAM_construct_utf8_string(digestName, digest.baseAddress, 0),
                            OSSL_PARAM_construct_end(),
                        ]
                        return EVP_MAC_CTX_set_params(mac, parameters) == 1
                    }
                }
            }
        }
    }
}
