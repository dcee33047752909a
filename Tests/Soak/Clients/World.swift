import ChatTransport
import EventLoop
import Foundation

/// What all clients of a soak share. Confined to its event loop.
final class World {
    /// The server's ports.
    struct Addresses {
        let plain: SocketAddress
        let tls: SocketAddress
    }

    /// How long anything that is promised may take, while the server is stopped or its senders wait for slow readers.
    static let patience = Duration.seconds(150)

    let loop: EventLoop
    let buffer = Link.Buffer()
    let addresses: Addresses
    /// Trusts every certificate that the server ever presents.
    let security: TLSClientContext
    /// How TLS begins: a ClientHello.
    let hello: [UInt8]
    let violations: Violations
    let transcript: Transcript
    let correspondence: Correspondence
    /// Where clients may leave files.
    let folder: URL
    /// The names of honest users who never leave.
    var residents: [String] = []
    /// The server was told to end: whoever is there is treated as everybody.
    var isEnding = false
    private var names = 0

    init(
        _ loop: EventLoop, _ addresses: Addresses, _ security: TLSClientContext, folder: URL, _ violations: Violations
    ) throws {
        self.loop = loop
        self.folder = folder
        self.addresses = addresses
        self.security = security
        self.violations = violations
        hello = try .clientHello(security)
        transcript = Transcript(violations)
        correspondence = Correspondence(violations)
    }

    /// A name that nobody has had.
    func makeName(_ prefix: String) -> String {
        names += 1
        return "\(prefix)\(names)"
    }

    func makeParticipant(_ name: String) -> Participant {
        Participant(name, transcript, correspondence, violations)
    }
}

extension [UInt8] {
    /// What a client sends first.
    fileprivate static func clientHello(_ security: TLSClientContext) throws -> [UInt8] {
        let (near, far) = try Socket.pair()
        let transport = try OpenSSLTransport(near, security, serverName: "localhost")
        _ = try transport.establish()
        var bytes = [UInt8](repeating: 0, count: 4_096)
        var span = bytes.mutableSpan
        let count = try far.receive(into: &span) ?? 0
        return Array(bytes.prefix(count))
    }
}
