import NIOSSL

/// `nio-server [--event-loops N] <port> [<tls-port> <certificate.pem> <key.pem>]`
struct Arguments {
    struct TLS {
        let port: Int
        let certificate: String
        let key: String

        func context() throws -> NIOSSLContext {
            try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                    privateKey: .privateKey(NIOSSLPrivateKey(file: key, format: .pem))))
        }
    }

    let eventLoops: Int
    let port: Int
    let tls: TLS?

    init?(_ arguments: ArraySlice<String>) {
        var arguments = arguments
        if arguments.first == "--event-loops" {
            guard let eventLoops = arguments.dropFirst().first.flatMap(Int.init), eventLoops > 0 else { return nil }
            self.eventLoops = eventLoops
            arguments = arguments.dropFirst(2)
        } else {
            eventLoops = 1
        }
        guard let port = arguments.popFirst().flatMap(Int.init) else { return nil }
        self.port = port
        switch Array(arguments) {
        case []: tls = nil
        case let rest where rest.count == 3:
            guard let port = Int(rest[0]) else { return nil }
            tls = TLS(port: port, certificate: rest[1], key: rest[2])
        default: return nil
        }
    }
}
