/// What OpenSSL says went wrong.
public struct OpenSSLError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An entry of OpenSSL's error queue.
    public struct Reason: Equatable, Sendable {
        /// Which of OpenSSL's libraries, `ERR_LIB_…`, and which of its reasons, `SSL_R_…`.
        let library, code: CInt
        /// OpenSSL's words for it, with its details.
        public let text: String
    }

    /// The call's name, as in its man page.
    public let call: String
    /// In the order in which they arose, the innermost first. Empty where OpenSSL gives none.
    public let reasons: [Reason]

    /// `SSL_do_handshake: no shared cipher`
    public var description: String {
        ([call] + (reasons.isEmpty ? ["failed"] : reasons.map(\.text))).joined(separator: ": ")
    }
}
