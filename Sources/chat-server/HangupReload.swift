import ChatServer
import ServiceLifecycle
import UnixSignals

/// Reads the certificates again on SIGHUP, as operators and their tools expect of a server.
struct HangupReload: Service {
    let server: ChatServer
    let hangups: UnixSignalsSequence

    /// From here on the signal does not end the process.
    init(_ server: ChatServer) async {
        self.server = server
        hangups = await UnixSignalsSequence(trapping: .sighup)
    }

    func run() async {
        for await _ in hangups.cancelOnGracefulShutdown() {
            server.reloadCertificates()
        }
    }
}
