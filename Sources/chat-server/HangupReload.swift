import ChatServer
import ServiceLifecycle
import UnixSignals

/// Reads the certificates again on SIGHUP, as operators and their tools expect of a server.
struct HangupReload: Service {
    let server: ChatServer

    func run() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            server.reloadCertificates()
        }
    }
}
