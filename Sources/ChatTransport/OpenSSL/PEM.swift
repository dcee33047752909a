import COpenSSL

/// Reading of PEM text, RFC 7468.
enum PEM {
    /// Has `body` read objects from PEM text.
    static func read<Result>(
        _ text: [UInt8], _ body: (OpaquePointer) throws(OpenSSLError) -> Result
    ) throws(OpenSSLError) -> Result {
        try text.withUnsafeBufferPointer { bytes throws(OpenSSLError) in
            let bio = try ErrorQueue.make("BIO_new_mem_buf") {
                BIO_new_mem_buf(bytes.baseAddress, CInt(clamping: bytes.count))
            }
            defer { BIO_free(bio) }
            return try body(bio)
        }
    }
}

/// A pem_password_cb(3) that knows none, instead of asking for one on the terminal.
func noPassword(_: UnsafeMutablePointer<CChar>?, _: CInt, _: CInt, _: UnsafeMutableRawPointer?) -> CInt { -1 }

extension OpenSSLError {
    /// Whether there was no further object, rather than a broken one.
    var isEndOfPEM: Bool {
        reasons.last.map { $0.library == ERR_LIB_PEM && $0.code == PEM_R_NO_START_LINE } ?? false
    }

    /// Whether a private key can be read with a password only.
    var isForLackOfPassword: Bool {
        reasons.contains { $0.library == ERR_LIB_PEM && $0.code == PEM_R_BAD_PASSWORD_READ }
    }
}
