/// The files that TLS needs, as they were read: they change while the server runs.
public struct TLSMaterial: Equatable, Sendable {
    /// A file of PEM text.
    public struct File: Equatable, Sendable {
        /// For people.
        public let path: String
        let bytes: [UInt8]

        /// What was read from a path.
        public init(path: String, bytes: [UInt8]) {
            self.path = path
            self.bytes = bytes
        }
    }

    /// A certificate, with the chain to its authority behind it, and its private key; both may be in one file.
    public struct Pair: Equatable, Sendable {
        /// The certificate, its chain behind it.
        public let certificate: File
        /// The private key.
        public let privateKey: File

        /// Whether they belong together is seen when a context is made of them.
        public init(certificate: File, privateKey: File) {
            self.certificate = certificate
            self.privateKey = privateKey
        }
    }

    /// At least one. Where a client names no server, or one that none of them is for, it gets the first of a kind of key.
    public let pairs: [Pair]
    /// The authorities that vouch for clients.
    public let clientAuthorities: File?

    /// The files of a context.
    public init(pairs: [Pair], clientAuthorities: File? = nil) {
        self.pairs = pairs
        self.clientAuthorities = clientAuthorities
    }
}
