import COpenSSL

/// PEM text on its way into or out of OpenSSL.
final class MemoryBIO {
    let pointer: OpaquePointer

    init(_ text: String = "") throws {
        guard let pointer = BIO_new(BIO_s_mem()) else { throw OpenSSLFailure("BIO_new") }
        self.pointer = pointer
        let bytes = Array(text.utf8)
        guard BIO_write(pointer, bytes, CInt(bytes.count)) == bytes.count else { throw OpenSSLFailure("BIO_write") }
    }

    deinit { BIO_free_all(pointer) }

    /// What has been written and not been read.
    var text: String {
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(pointer))
        let count = BIO_read(pointer, &bytes, CInt(bytes.count))
        return String(decoding: bytes.prefix(max(0, Int(count))), as: UTF8.self)
    }
}
