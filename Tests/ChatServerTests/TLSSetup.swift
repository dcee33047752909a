import ChatServer
import ChatTransport
import TestSupport

/// What a test's TLS server presents, as files, and how its clients trust it.
final class TLSSetup {
    let authority: TestAuthority
    private(set) var configuration: TLSConfiguration
    private let folder: TemporaryFolder

    /// - Parameter leaf: by default, a certificate for this machine.
    init(_ leaf: TestAuthority.Leaf? = nil) throws {
        authority = try TestAuthority()
        folder = try TemporaryFolder()
        configuration = TLSConfiguration(pairs: [])
        try add(leaf ?? authority.issue())
    }

    /// What a server of this transport needs: `nil` over plaintext.
    static func of(_ transport: TransportKind) throws -> TLSSetup? {
        transport == .tls ? try TLSSetup() : nil
    }

    /// How a client connects that trusts the server.
    var client: TLSClientOptions { TLSClientOptions(authority: authority.certificate) }

    /// Whom the server trusts to vouch for clients.
    func trustClients(_ authentication: TLSPolicy.ClientAuthentication, of authority: TestAuthority? = nil) throws {
        configuration.clientCA = try write((authority ?? self.authority).certificate, to: "ca.pem")
        configuration.policy.clientAuthentication = authentication
    }

    /// A client that shows a certificate with these names.
    func client(named names: TestAuthority.Names) throws -> TLSClientOptions {
        var options = client
        options.certificate = try authority.issue(names, purpose: .client)
        return options
    }

    /// Another certificate beside those that there are.
    func add(_ leaf: TestAuthority.Leaf) throws {
        let number = configuration.pairs.count
        configuration.pairs.append(
            .init(
                certificate: try write(leaf.certificate, to: "server\(number).pem"),
                privateKey: try write(leaf.privateKey, to: "server\(number)-key.pem")))
    }

    /// Another certificate in the files of the first.
    func replace(by leaf: TestAuthority.Leaf) throws {
        _ = try write(leaf.certificate, to: "server0.pem")
        _ = try write(leaf.privateKey, to: "server0-key.pem")
    }

    /// Returns the file's path.
    func write(_ text: String, to name: String) throws -> String {
        try folder.write(text, to: name)
    }
}
