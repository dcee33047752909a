import ArgumentParser

/// The flags of TLS listeners.
struct TLSOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            A certificate in PEM, its chain behind it; may be given several times, for other kinds of keys and for other \
            server names.
            """, valueName: "file"))
    var tlsCertificate: [String] = []

    @Option(
        help: ArgumentHelp("The private key in PEM of each certificate, in the same order.", valueName: "file"))
    var tlsPrivateKey: [String] = []

    @Option(
        name: .customLong("tls-client-ca"),
        help: ArgumentHelp("The authorities in PEM that vouch for clients.", valueName: "file"))
    var tlsClientCA: String?

    @Option(
        help: ArgumentHelp(
            "Whether clients show certificates: off, optional or required. (default: optional with --tls-client-ca)",
            valueName: "when"))
    var tlsClientAuth: String?

    @Option(help: ArgumentHelp("1.2 or 1.3. (default: 1.2)", valueName: "version"))
    var tlsMinimumVersion: String?

    @Option(help: ArgumentHelp("Ciphers of TLS 1.2, as in openssl-ciphers(1).", valueName: "list"))
    var tlsCiphers: String?

    @Option(help: ArgumentHelp("Cipher suites of TLS 1.3.", valueName: "list"))
    var tlsCiphersuites: String?

    @Option(help: ArgumentHelp("Groups for the key exchange.", valueName: "list"))
    var tlsGroups: String?

    /// By the flags' names.
    var values: [String: String?] {
        [
            "tls-client-ca": tlsClientCA, "tls-client-auth": tlsClientAuth, "tls-minimum-version": tlsMinimumVersion,
            "tls-ciphers": tlsCiphers, "tls-ciphersuites": tlsCiphersuites, "tls-groups": tlsGroups,
        ]
    }

    /// By the flags' names.
    var lists: [String: [String]] {
        ["tls-certificate": tlsCertificate, "tls-private-key": tlsPrivateKey]
    }
}
