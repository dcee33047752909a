/// A fatal alert in the clear: all that a peer which has not shaken hands yet can be told in TLS.
///
/// Source: RFC 8446, sections 5.1 and 6.
enum TLSAlert: UInt8 {
    case unexpectedMessage = 10
    case accessDenied = 49

    private static let contentType: UInt8 = 21
    private static let fatal: UInt8 = 2

    /// In a record of TLS 1.0, the version that a first record is to be understood in.
    var record: [UInt8] { [Self.contentType, 3, 1, 0, 2, Self.fatal, rawValue] }
}
