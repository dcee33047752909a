import EventLoop
import Glibc

/// The whole server stands still for a moment, as on a machine that is overloaded.
final class Suspension: Fault {
    static let title = "server suspended"

    private static let duration = Duration.seconds(1)

    private var end: Instant?

    func look(at stage: Stage) -> Bool {
        guard let end else {
            stage.server.send(signal: SIGSTOP)
            self.end = .now + Self.duration
            return false
        }
        guard end <= .now else { return false }
        stage.server.send(signal: SIGCONT)
        return true
    }
}
