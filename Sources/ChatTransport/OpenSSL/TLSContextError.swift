public import FoundationEssentials

/// Why TLS cannot be spoken with a file, or at all.
public struct TLSContextError: Error, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Problem: Equatable, Sendable {
        case noCertificate
        case noPrivateKey
        case encryptedKey
        /// The key is not that of the certificate in this file.
        case keyMismatch(certificate: String)
        case expired(Date)
        case notYetValid(Date)
        /// OpenSSL's reason.
        case unusable(OpenSSLError)
    }

    /// The path of the file at fault; `nil` where it is none.
    public let file: String?
    /// What is wrong with it.
    public let problem: Problem

    init(_ file: TLSMaterial.File?, _ problem: Problem) {
        self.file = file?.path
        self.problem = problem
    }

    /// One line.
    public var description: String { [file, reason].compactMap { $0 }.joined(separator: ": ") }

    /// What is wrong, without the file.
    public var reason: String {
        switch problem {
        case .noCertificate: "holds no certificate in PEM"
        case .noPrivateKey: "holds no private key in PEM"
        case .encryptedKey: "the key is encrypted, and nobody is there to type its password"
        case .keyMismatch(let certificate): "the key is not that of the certificate in \(certificate)"
        case .expired(let date): "expired on \(date.formatted(.iso8601))"
        case .notYetValid(let date): "is not valid before \(date.formatted(.iso8601))"
        case .unusable(let error): "\(error)"
        }
    }
}
