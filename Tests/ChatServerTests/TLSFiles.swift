import ChatServer
import TestSupport

/// A certificate and its key as files, which live as long as a test needs them.
final class TLSFiles {
    let pair: TLSConfiguration.Pair
    private let folder: TemporaryFolder

    init(_ leaf: TestAuthority.Leaf) throws {
        folder = try TemporaryFolder()
        pair = TLSConfiguration.Pair(
            certificate: try folder.write(leaf.certificate, to: "server.pem"),
            privateKey: try folder.write(leaf.privateKey, to: "server-key.pem"))
    }

    /// Another file beside them; returns its path.
    func write(_ text: String, to name: String) throws -> String {
        try folder.write(text, to: name)
    }

    func replace(by leaf: TestAuthority.Leaf) throws {
        _ = try folder.write(leaf.certificate, to: "server.pem")
        _ = try folder.write(leaf.privateKey, to: "server-key.pem")
    }
}
