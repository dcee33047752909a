import ChatTransport
import TestSupport

extension TLSMaterial {
    /// What a server with one certificate has.
    init(_ leaf: TestAuthority.Leaf) {
        self.init(pairs: [
            Pair(
                certificate: File(path: "server.pem", bytes: Array(leaf.certificate.utf8)),
                privateKey: File(path: "server-key.pem", bytes: Array(leaf.privateKey.utf8)))
        ])
    }
}
