import ChatTransport
import EventLoop

/// TLS records between two transports in this process.
struct Records {
    private let server: OpenSSLTransport
    private let client: OpenSSLTransport

    /// With the development certificate in a folder.
    init(certificates folder: String) throws {
        func file(_ name: String) throws -> TLSMaterial.File {
            try TLSMaterial.File(reading: "\(folder)/\(name)")
        }
        let pair = TLSMaterial.Pair(certificate: try file("server.pem"), privateKey: try file("server-key.pem"))
        let context = try ReloadableTLSContext(TLSMaterial(pairs: [pair]), policy: TLSPolicy())
        let (near, far) = try Socket.pair()
        server = OpenSSLTransport(near, context.current) { _ in [] }
        client = try OpenSSLTransport(far, TLSClientContext(trusting: file("ca.pem")), serverName: "localhost")
        var buffer = [UInt8](repeating: 0, count: Record.maximumSize)
        var hasBegun = (server: false, client: false)
        while !hasBegun.server || !hasBegun.client {
            hasBegun.client = try client.establish() == .done
            hasBegun.server = try server.establish() == .done
        }
        // The session ticket.
        var span = buffer.mutableSpan
        _ = try client.read(into: &span)
    }

    /// Per record: written by the server, read by the client.
    func cost(size: Int) throws -> Cost {
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: size)
        var buffer = [UInt8](repeating: 0, count: Record.maximumSize)
        return try Cost("write and read a TLS record of \(size) bytes", units: 1, rounds: 5_000) {
            _ = try server.write(bytes.span)
            var span = buffer.mutableSpan
            _ = try client.read(into: &span)
        }
    }
}
