import ArgumentParser
import ChatTransport

/// The certificate of the floor's TLS.
struct FloorMaterial: ParsableArguments {
    @Option(help: ArgumentHelp("For the floor's TLS: a certificate in PEM.", valueName: "file"))
    var certificate = "certs/server.pem"

    @Option(help: ArgumentHelp("For the floor's TLS: its private key.", valueName: "file"))
    var privateKey = "certs/server-key.pem"

    var arguments: [String] { ["--certificate", certificate, "--private-key", privateKey] }

    /// That of a server with its defaults.
    func context() throws -> TLSContext {
        let pair = TLSMaterial.Pair(
            certificate: try .init(reading: certificate), privateKey: try .init(reading: privateKey))
        return try ReloadableTLSContext(TLSMaterial(pairs: [pair]), policy: TLSPolicy()).current
    }
}
