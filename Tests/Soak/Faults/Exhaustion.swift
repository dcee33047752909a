import EventLoop

/// The server has no descriptor left for newcomers: who is there chats on, and later newcomers get in again.
final class Exhaustion: Fault {
    static let title = "descriptors exhausted"

    private static let duration = Duration.seconds(3)

    /// The files of the certificates cannot be read either.
    let excuses: Set = ["cannot accept", "certificates not reloaded"]

    private enum Phase {
        case before
        case exhausted(until: Instant)
        case lifted(Client)
    }

    private var phase = Phase.before

    func look(at stage: Stage) throws -> Bool {
        switch phase {
        case .before:
            try stage.server.limitDescriptors(true)
            phase = .exhausted(until: .now + Self.duration)
        case .exhausted(let end) where end <= .now:
            try stage.server.limitDescriptors(false)
            phase = .lifted(try stage.makeProbe("probe behind an exhaustion"))
        // The log tells of it once a minute, but tells each time that it is over.
        case .lifted(let probe): return probe.wasServed != nil && stage.log.recoveries == stage.log.exhaustions
        default: break
        }
        return false
    }
}
