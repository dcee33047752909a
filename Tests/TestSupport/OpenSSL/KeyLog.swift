/// The secrets of a connection, as OpenSSL logs them: SSL_CTX_set_keylog_callback(3).
struct KeyLog {
    private var lines: [String] = []

    mutating func append(_ line: String) {
        lines.append(line)
    }

    /// The last secret with a label: draft-ietf-tls-keylogfile.
    func secret(_ label: String) -> [UInt8]? {
        let fields = lines.lazy.map { $0.split(separator: " ") }.last { $0.count == 3 && $0[0] == label }
        guard let digits = fields.map({ Array($0[2].utf8) }) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<min($0 + 2, digits.count)], as: UTF8.self), radix: 16)
        }
    }
}
