import ChatServer
import ServiceLifecycle
import UnixSignals

/// Reads the certificates again on SIGHUP, as operators and their tools expect of a server. Ends where the signal comes
/// because the terminal was closed.
struct HangupReload: Service {
    private let server: ChatServer
    private let endsWithTerminal: Bool
    private let hangups: UnixSignalsSequence

    /// From here on the signal does not end the process.
    init(_ server: ChatServer) async {
        self.server = server
        endsWithTerminal = ControllingTerminal.exists && !ControllingTerminal.isToBeOutlived
        hangups = await UnixSignalsSequence(trapping: .sighup)
    }

    func run() async {
        for await _ in hangups.cancelOnGracefulShutdown() {
            if endsWithTerminal, !ControllingTerminal.exists { return }
            server.reloadCertificates()
        }
    }
}
