public import ChatTransport
import Glibc
import TestSupport

/// What a server needs to speak TLS, and a client to trust it. Made once: keys take time.
public struct TLSServer: Sendable {
    public static let shared = succeed { try TLSServer() }

    public let context: TLSContext
    /// PEM.
    public let authority: String

    private init() throws {
        // OpenSSL writes without MSG_NOSIGNAL.
        signal(SIGPIPE, SIG_IGN)
        let authority = try TestAuthority()
        let leaf = try authority.issue()
        let pair = TLSMaterial.Pair(
            certificate: .init(path: "server.pem", bytes: Array(leaf.certificate.utf8)),
            privateKey: .init(path: "server-key.pem", bytes: Array(leaf.privateKey.utf8)))
        context = try ReloadableTLSContext(TLSMaterial(pairs: [pair]), policy: TLSPolicy()).current
        self.authority = authority.certificate
    }
}
