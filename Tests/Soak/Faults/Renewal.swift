import EventLoop
import Glibc

/// The certificate is replaced by that of another authority. Whoever connects behind the reload gets the new one.
final class Renewal: Fault {
    static let title = "certificate renewed"

    private var reloads = 0
    private var hasBegun = false
    private var probe: Client?

    func look(at stage: Stage) throws -> Bool {
        if let probe { return probe.wasServed != nil }
        if !hasBegun {
            hasBegun = true
            reloads = stage.log.reloads
            stage.issue = 1 - stage.issue
            try stage.certificates.install(stage.certificates.issues[stage.issue])
            stage.server.send(signal: SIGHUP)
        } else if stage.log.reloads > reloads {
            probe = try stage.makeProbe("probe of a new certificate", trusting: stage.issue)
        }
        return false
    }
}
