public import ChatTransport

/// What TLS listeners present, whom they trust, and how TLS is spoken.
public struct TLSConfiguration: Equatable, Sendable {
    /// The paths of a certificate and of its private key, which may be one.
    public struct Pair: Equatable, Sendable {
        /// That of the certificate, its chain behind it.
        public let certificate: String
        /// That of the private key.
        public let privateKey: String

        /// A pair that is read when the server starts, and again whenever it changes.
        public init(certificate: String, privateKey: String) {
            self.certificate = certificate
            self.privateKey = privateKey
        }
    }

    /// At least one.
    public var pairs: [Pair]
    /// The path of the authorities that vouch for clients.
    public var clientCA: String?
    /// How TLS is spoken.
    public var policy = TLSPolicy()

    /// With the defaults for everything else.
    public init(pairs: [Pair]) {
        self.pairs = pairs
    }

    /// Throws where TLS cannot be spoken like this, as with an expired certificate.
    public func check() throws(ConfigurationError) {
        _ = try makeContext(of: read())
    }

    func makeContext(of material: TLSMaterial) throws(ConfigurationError) -> ReloadableTLSContext {
        do {
            return try ReloadableTLSContext(material, policy: policy)
        } catch {
            throw ConfigurationError(error)
        }
    }

    /// The files as they are now.
    func read() throws(ConfigurationError) -> TLSMaterial {
        TLSMaterial(
            pairs: try pairs.map { pair throws(ConfigurationError) in
                .init(certificate: try Self.read(pair.certificate), privateKey: try Self.read(pair.privateKey))
            },
            clientAuthorities: try clientCA.map(Self.read))
    }

    private static func read(_ path: String) throws(ConfigurationError) -> TLSMaterial.File {
        TLSMaterial.File(path: path, bytes: try TextFile.read(path))
    }
}

extension ConfigurationError {
    init(_ error: TLSContextError) {
        self.init(source: error.file ?? "TLS", key: nil, problem: error.reason)
    }
}
