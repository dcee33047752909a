import COpenSSL
import FoundationEssentials
import Glibc

/// An X.509 certificate.
///
/// `@unchecked Sendable`: behind `init` nothing changes it, and what OpenSSL caches in an X509 when it is first asked, it
/// caches under a lock of its own (`ossl_x509v3_cache_extensions`).
final class Certificate: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes over the caller's reference.
    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit { X509_free(pointer) }

    /// All certificates in PEM text, at least one; whatever else stands there is skipped.
    ///
    /// Source: PEM_read_bio_X509(3).
    static func all(inPEM text: [UInt8]) throws(OpenSSLError) -> [Certificate] {
        try PEM.read(text) { bio throws(OpenSSLError) in
            var certificates: [Certificate] = []
            do throws(OpenSSLError) {
                while true {
                    let next = try ErrorQueue.make("PEM_read_bio_X509") {
                        PEM_read_bio_X509(bio, nil, noPassword, nil)
                    }
                    certificates.append(Certificate(owning: next))
                }
            } catch {
                guard !certificates.isEmpty, error.isEndOfPEM else { throw error }
                return certificates
            }
        }
    }

    /// From when on it is valid.
    var beginning: Date { Date(X509_get0_notBefore(pointer)) }

    /// Until when it is valid.
    var expiry: Date { Date(X509_get0_notAfter(pointer)) }

    /// Whether it is that of a server with this name: X509_check_host(3), RFC 6125.
    func isFor(_ host: UnsafePointer<CChar>) -> Bool {
        X509_check_host(pointer, host, 0, 0, nil) == 1
    }

    /// X.509's binary form.
    var encoded: [UInt8] {
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509(pointer, &bytes)
        defer { shim_OPENSSL_free(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: max(Int(count), 0)))
    }
}

extension Date {
    fileprivate init(_ time: UnsafePointer<ASN1_TIME>?) {
        var fields = tm()
        // A certificate without a readable date is never valid.
        self = ASN1_TIME_to_tm(time, &fields) == 1 ? Date(timeIntervalSince1970: Double(timegm(&fields))) : .distantPast
    }
}
