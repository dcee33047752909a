import COpenSSL
package import EventLoop
import Glibc
import SystemPackage

/// An SSL on a descriptor: one end of a TLS connection. Used by one thread at a time.
///
/// Source: SSL_get_error(3).
package final class TLSStream {
    private enum Outcome {
        case done
        case waits(for: Interest)
        /// The peer's close_notify.
        case end
    }

    private let pointer: OpaquePointer
    /// What the callbacks of the handshake look into.
    private let context: AnyObject
    /// A record that is sent in part.
    private var unfinished: [UInt8] = []

    /// A server's end, on a descriptor that stays its owner's and must outlive this.
    package init(_ context: TLSContext, descriptor: CInt) throws(OpenSSLError) {
        self.context = context
        pointer = try ErrorQueue.make("SSL_new") { SSL_new(context.pointer) }
        try ErrorQueue.check("SSL_set_fd") { SSL_set_fd(pointer, descriptor) }
        SSL_set_accept_state(pointer)
    }

    /// A client's end, on a descriptor that stays its owner's and must outlive this.
    ///
    /// Source: SSL_set1_host(3), X509_VERIFY_PARAM_set1_ip_asc(3), SSL_set_session(3).
    init(
        _ context: TLSClientContext, descriptor: CInt, serverName: String, resuming session: TLSSession?
    ) throws(OpenSSLError) {
        self.context = context
        pointer = try ErrorQueue.make("SSL_new") { SSL_new(context.pointer) }
        try ErrorQueue.check("SSL_set_fd") { SSL_set_fd(pointer, descriptor) }
        let isAddress =
            ErrorQueue.around { X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(pointer), serverName) }.result == 1
        if !isAddress {
            try ErrorQueue.check("SSL_set1_host") { SSL_set1_host(pointer, serverName) }
            try ErrorQueue.check("SSL_set_tlsext_host_name") {
                shim_SSL_set_tlsext_host_name(pointer, serverName)
            }
        }
        if let session { try ErrorQueue.check("SSL_set_session") { SSL_set_session(pointer, session.pointer) } }
        SSL_set_connect_state(pointer)
    }

    deinit { SSL_free(pointer) }

    /// Keeps OpenSSL's buffers while nothing is under way: 17 KiB more a connection, for a malloc and a free less a record.
    package func keepBuffers() {
        shim_SSL_clear_mode(pointer, Int(SSL_MODE_RELEASE_BUFFERS))
    }

    /// Returns what it waits for, or `nil` when it is done.
    package func handshake() throws(TransportError) -> Interest? {
        switch try perform("SSL_do_handshake", { SSL_do_handshake($0) }) {
        case .done: return nil
        case .waits(let interest): return interest
        case .end: throw .truncated
        }
    }

    package func read(into buffer: inout MutableSpan<UInt8>) throws(TransportError) -> ReadProgress {
        var count = 0
        let outcome = try buffer.withUnsafeMutableBufferPointer { bytes throws(TransportError) in
            try perform("SSL_read_ex") { SSL_read_ex($0, bytes.baseAddress, bytes.count, &count) }
        }
        return switch outcome {
        case .done: .bytes(count)
        case .waits(let interest): .waits(for: interest)
        case .end: .end
        }
    }

    /// Writes in records, until the socket takes no more. A record that is sent in part is kept, and reported as accepted:
    /// OpenSSL must be given at least its length again, though not from the same memory, before anything else.
    ///
    /// Source: SSL_write(3), SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER.
    package func write(_ bytes: Span<UInt8>) throws(TransportError) -> WriteProgress {
        if let interest = try flush() { return .waits(for: interest) }
        var sent = 0
        while sent < bytes.count {
            let record = bytes.extracting(sent..<min(bytes.count, sent + Record.maximumSize))
            sent += record.count
            if let interest = try writeRecord(record) {
                unfinished.reserveCapacity(record.count)
                record.withUnsafeBufferPointer { unfinished.append(contentsOf: $0) }
                return .unfinished(sent, waits: interest)
            }
        }
        return .bytes(sent)
    }

    /// How many bytes are kept of a record that is sent in part.
    package var unfinishedSize: Int { unfinished.count }

    /// Sends what is left of a record. Returns what it waits for, or `nil` when it is done.
    package func flush() throws(TransportError) -> Interest? {
        guard !unfinished.isEmpty else { return nil }
        let record = unfinished
        let interest = try writeRecord(record.span)
        if interest == nil { unfinished = [] }
        return interest
    }

    /// Returns what it waits for, or `nil` when the record is sent.
    private func writeRecord(_ bytes: Span<UInt8>) throws(TransportError) -> Interest? {
        var count = 0
        let outcome = try bytes.withUnsafeBufferPointer { bytes throws(TransportError) in
            try perform("SSL_write_ex") { SSL_write_ex($0, bytes.baseAddress, bytes.count, &count) }
        }
        switch outcome {
        case .done: return nil
        case .waits(let interest): return interest
        case .end: throw .truncated
        }
    }

    /// Sends close_notify. Only behind a handshake, and not behind an error.
    package func shutDown() throws(TransportError) -> Completion {
        let outcome = try perform("SSL_shutdown") { pointer in
            let result = SSL_shutdown(pointer)
            // 0 is no failure: it is sent, and the peer's has not come yet.
            return result == 0 ? 1 : result
        }
        if case .waits(let interest) = outcome { return .waits(for: interest) }
        return .done
    }

    /// The peer's certificate, where it has shown one: the handshake has verified it, or the one whose session is resumed.
    var peerCertificate: Certificate? {
        guard SSL_get_verify_result(pointer) == X509_V_OK, let peer = SSL_get1_peer_certificate(pointer) else {
            return nil
        }
        return Certificate(owning: peer)
    }

    /// What another connection can resume, or `nil` where there is nothing yet.
    var resumableSession: TLSSession? {
        guard let session = SSL_get1_session(pointer) else { return nil }
        let owned = TLSSession(owning: session)
        return SSL_SESSION_is_resumable(session) == 1 ? owned : nil
    }

    var isResumed: Bool { SSL_session_reused(pointer) == 1 }

    /// Why the peer's certificate was refused, which the error queue does not say.
    private var verificationFailure: [OpenSSLError.Reason] {
        let result = SSL_get_verify_result(pointer)
        guard result != X509_V_OK else { return [] }
        let text = String(cString: X509_verify_cert_error_string(result))
        return [.init(library: ERR_LIB_X509, code: CInt(result), text: text)]
    }

    private func perform(_ call: String, _ body: (OpaquePointer) -> CInt) throws(TransportError) -> Outcome {
        let failure = ErrorQueue.failure(
            of: { body(pointer) },
            explain: { result in
                let systemFailure = errno
                return (status: SSL_get_error(pointer, result), systemFailure: systemFailure)
            })
        guard let (explanation, reasons) = failure else { return .done }
        switch explanation.status {
        case SSL_ERROR_WANT_READ: return .waits(for: .readable)
        case SSL_ERROR_WANT_WRITE: return .waits(for: .writable)
        case SSL_ERROR_ZERO_RETURN: return .end
        // A close_notify of another level than it should have: the level says nothing, RFC 8446, section 6.
        case SSL_ERROR_SYSCALL where SSL_get_shutdown(pointer) & SSL_RECEIVED_SHUTDOWN != 0: return .end
        case SSL_ERROR_SYSCALL: throw .socket(SystemCallError(call, Errno(rawValue: explanation.systemFailure)))
        default:
            let error = OpenSSLError(call: call, reasons: reasons + verificationFailure)
            throw error.isTruncation ? .truncated : .tls(error)
        }
    }
}

extension OpenSSLError {
    fileprivate var isTruncation: Bool {
        reasons.contains { $0.library == ERR_LIB_SSL && $0.code == SSL_R_UNEXPECTED_EOF_WHILE_READING }
    }
}
