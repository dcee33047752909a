import ChatServer
import Locking
import Logging
import ServiceLifecycle
import UnixSignals

/// Reads the certificates again on SIGHUP, as operators and their tools expect of a server. Ends where the signal comes
/// because the terminal was closed.
struct HangupReload: Service {
    private let server: ChatServer
    private let logger: Logger
    private let hangups: UnixSignalsSequence
    private let endsWithTerminal: LockedValue<Bool>

    /// From here on the signal does not end the process.
    init(_ server: ChatServer, logger: Logger) async {
        self.server = server
        self.logger = logger
        endsWithTerminal = LockedValue(ControllingTerminal.exists && !ControllingTerminal.isToBeOutlived)
        hangups = await UnixSignalsSequence(trapping: .sighup)
    }

    func run() async {
        async let _ = watchTerminal()
        for await _ in hangups.cancelOnGracefulShutdown() {
            if endsWithTerminal.withLock({ $0 }), !ControllingTerminal.exists { return }
            server.reloadCertificates()
        }
    }

    /// A terminal that was closed without a signal, as that of a program that its shell has disowned, sends none later.
    private func watchTerminal() async {
        var wasThere = true
        while endsWithTerminal.withLock({ $0 }), (try? await Task.sleep(for: .seconds(1))) != nil {
            let isThere = ControllingTerminal.exists
            if !isThere, !wasThere {
                logger.debug("outlives its terminal")
                endsWithTerminal.withLock { $0 = false }
            }
            wasThere = isThere
        }
    }
}
