import COpenSSL
import Foundation

/// A client's TLS connection over a socket that does not block.
///
/// Used by one thread at a time.
public final class ClientConnection {
    private let pointer: OpaquePointer
    /// What its callback logs keys in.
    private let context: ClientContext

    /// - Parameter socket: stays its owner's.
    public convenience init(_ options: TLSClientOptions, over socket: CInt) throws {
        try self.init(ClientContext(options), over: socket)
    }

    /// - Parameters:
    ///   - context: with what it has for all of its connections, it takes longer to make than they do.
    ///   - socket: stays its owner's.
    public init(_ context: ClientContext, over socket: CInt) throws {
        self.context = context
        let options = context.options
        guard let pointer = SSL_new(context.pointer) else { throw OpenSSLFailure("SSL_new") }
        self.pointer = pointer
        try OpenSSLFailure.check(SSL_set_fd(pointer, socket), "SSL_set_fd")
        if let name = options.serverName { try expect(name, checks: options.checksServerName) }
        if let session = options.session { try resume(session) }
        SSL_set_connect_state(pointer)
    }

    deinit { SSL_free(pointer) }

    /// The first bytes that a client sends.
    public static func hello(_ options: TLSClientOptions) throws -> [UInt8] {
        var pair: [CInt] = [-1, -1]
        guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0, &pair) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        defer { for socket in pair { close(socket) } }
        _ = try ClientConnection(options, over: pair[0]).handshake()
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = recv(pair[1], &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(count, 0)))
    }

    private func expect(_ name: String, checks: Bool) throws {
        var address = in6_addr()
        let isAddress = [AF_INET, AF_INET6].contains { inet_pton($0, name, &address) == 1 }
        if !isAddress {
            try OpenSSLFailure.check(shim_SSL_set_tlsext_host_name(pointer, name), "SSL_set_tlsext_host_name")
        }
        guard checks else { return }
        if isAddress {
            let parameters = SSL_get0_param(pointer)
            try OpenSSLFailure.check(
                X509_VERIFY_PARAM_set1_ip_asc(parameters, name), "X509_VERIFY_PARAM_set1_ip_asc")
        } else {
            try OpenSSLFailure.check(SSL_set1_host(pointer, name), "SSL_set1_host")
        }
    }

    private func resume(_ session: TLSTunnel.Session) throws {
        let decoded = session.encoded.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            return d2i_SSL_SESSION(nil, &start, bytes.count)
        }
        guard let decoded else { throw OpenSSLFailure("d2i_SSL_SESSION") }
        defer { SSL_SESSION_free(decoded) }
        try OpenSSLFailure.check(SSL_set_session(pointer, decoded), "SSL_set_session")
    }

    public func handshake() -> TunnelStep {
        step("SSL_do_handshake") { SSL_do_handshake(pointer) }
    }

    public func read(into buffer: UnsafeMutableRawBufferPointer) -> TunnelStep {
        step("SSL_read") { SSL_read(pointer, buffer.baseAddress, CInt(buffer.count)) }
    }

    public func write(_ bytes: UnsafeRawBufferPointer) -> TunnelStep {
        step("SSL_write") { SSL_write(pointer, bytes.baseAddress, CInt(bytes.count)) }
    }

    public func sendCloseNotify() -> TunnelStep {
        step("SSL_shutdown") {
            let result = SSL_shutdown(pointer)
            // 0: it is sent, and the server's has not come.
            return result == 0 ? 1 : result
        }
    }

    /// Has the next write begin with new keys, and asks the server to do the same: RFC 8446, section 4.6.3.
    public func updateKeys() -> Bool {
        SSL_key_update(pointer, SSL_KEY_UPDATE_REQUESTED) == 1
    }

    /// Has the next handshake be a second one: TLS 1.2 only.
    public func renegotiate() -> Bool {
        SSL_renegotiate(pointer) == 1
    }

    private func step(_ call: String, _ body: () -> CInt) -> TunnelStep {
        ERR_clear_error()
        errno = 0
        let result = body()
        let code = errno
        if result > 0 { return .bytes(Int(result)) }
        switch SSL_get_error(pointer, result) {
        // OpenSSL would wait for a socket that is reset in this process to be connected again.
        case SSL_ERROR_WANT_READ where code == ENOTCONN: return .failed(.reset)
        case SSL_ERROR_WANT_WRITE where code == ENOTCONN: return .failed(.reset)
        case SSL_ERROR_WANT_READ: return .waits(for: CShort(POLLIN))
        case SSL_ERROR_WANT_WRITE: return .waits(for: CShort(POLLOUT))
        case SSL_ERROR_ZERO_RETURN: return .ended
        case SSL_ERROR_SYSCALL where code == ECONNRESET: return .failed(.reset)
        case SSL_ERROR_SYSCALL: return .failed(.failed("\(call): \(String(cString: strerror(code)))"))
        default: return .failed(failure(of: call))
        }
    }

    private func failure(of call: String) -> TLSTunnel.Ending {
        if ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING { return .truncated }
        var text = OpenSSLFailure(call).description
        let verification = SSL_get_verify_result(pointer)
        if verification != X509_V_OK {
            text += ": \(String(cString: X509_verify_cert_error_string(verification)))"
        }
        return .failed(text)
    }

    /// What a handshake that is done has led to.
    func agreed() -> TLSTunnel.Handshake {
        var (name, length): (UnsafePointer<UInt8>?, CUnsignedInt) = (nil, 0)
        SSL_get0_alpn_selected(pointer, &name, &length)
        return TLSTunnel.Handshake(
            version: String(cString: SSL_get_version(pointer)),
            cipher: String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(pointer))),
            alpn: name.map { String(decoding: UnsafeBufferPointer(start: $0, count: Int(length)), as: UTF8.self) },
            isResumed: SSL_session_reused(pointer) == 1,
            certificate: SSL_get1_peer_certificate(pointer).flatMap { try? Certificate($0).pem() })
    }

    /// One of the secrets that the handshake has led to: RFC 8446, section 7.1.
    func secret(_ label: String) -> [UInt8]? {
        context.keyLog.secret(label)
    }

    /// What another connection can resume, or `nil`.
    func session() -> TLSTunnel.Session? {
        guard let session = SSL_get1_session(pointer) else { return nil }
        defer { SSL_SESSION_free(session) }
        guard SSL_SESSION_is_resumable(session) == 1 else { return nil }
        var encoded = [UInt8](repeating: 0, count: Int(i2d_SSL_SESSION(session, nil)))
        encoded.withUnsafeMutableBufferPointer { bytes in
            var start = bytes.baseAddress
            _ = i2d_SSL_SESSION(session, &start)
        }
        return TLSTunnel.Session(encoded: encoded)
    }
}
