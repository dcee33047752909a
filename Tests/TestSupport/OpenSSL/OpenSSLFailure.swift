import COpenSSL

/// An OpenSSL call that failed, with the reasons it leaves in its queue.
struct OpenSSLFailure: Error, CustomStringConvertible {
    let description: String

    init(_ call: String) {
        var parts = [call]
        while case let code = ERR_get_error(), code != 0 {
            if let reason = ERR_reason_error_string(code) { parts.append(String(cString: reason)) }
        }
        description = parts.joined(separator: ": ")
    }

    /// Throws unless a call returned 1.
    static func check(_ result: CInt, _ call: String) throws {
        guard result == 1 else { throw OpenSSLFailure(call) }
    }
}
