import COpenSSL

/// What a client keeps of a connection in order to resume it: SSL_get1_session(3). Used by one thread at a time.
public final class TLSSession {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit { SSL_SESSION_free(pointer) }
}
