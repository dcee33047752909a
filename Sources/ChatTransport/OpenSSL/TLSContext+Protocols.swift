import COpenSSL

extension TLSContext {
    /// What this protocol is called where a client and a server agree on one.
    static let applicationProtocol = Array("chat".utf8)

    /// Ends the handshake with a client that offers protocols and not this one: a browser, say, that was led here. A client
    /// that offers none, as s_client does, is welcome.
    ///
    /// Source: RFC 7301; SSL_CTX_set_alpn_select_cb(3).
    func refuseUnknownProtocols() {
        SSL_CTX_set_alpn_select_cb(
            pointer,
            { _, selected, selectedLength, offer, offerLength, _ in
                let offer = UnsafeBufferPointer(start: offer, count: Int(offerLength))
                var start = 0
                // OpenSSL has seen that it is a list of names, each behind its length.
                while start < offer.count, case let end = start + 1 + Int(offer[start]), end <= offer.count {
                    if offer[start + 1..<end].elementsEqual(TLSContext.applicationProtocol) {
                        selected?.pointee = offer.baseAddress.map { $0 + start + 1 }
                        selectedLength?.pointee = offer[start]
                        return SSL_TLSEXT_ERR_OK
                    }
                    start = end
                }
                return SSL_TLSEXT_ERR_ALERT_FATAL
            }, nil)
    }
}
