/// The secrets of a connection, as OpenSSL logs them: SSL_CTX_set_keylog_callback(3).
struct KeyLog {
    /// In hexadecimal digits, by label.
    private var secrets: [Substring: Substring] = [:]

    /// Takes in a line: draft-ietf-tls-keylogfile.
    mutating func append(_ line: String) {
        let fields = line.split(separator: " ")
        if fields.count == 3 { secrets[fields[0]] = fields[2] }
    }

    /// The last secret with a label.
    func secret(_ label: String) -> [UInt8]? {
        guard let digits = secrets[Substring(label)].map({ Array($0.utf8) }) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<min($0 + 2, digits.count)], as: UTF8.self), radix: 16)
        }
    }
}
