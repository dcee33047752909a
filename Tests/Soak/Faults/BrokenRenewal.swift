import Glibc

/// The file of the certificate holds something else: the old one stays in force.
final class BrokenRenewal: Fault {
    static let title = "certificate broken"

    let excuses: Set = ["certificates not reloaded"]

    private enum Phase {
        case healthy
        case broken(rejected: Int)
        case probed(Client)
        case mended(reloads: Int)
    }

    private var phase = Phase.healthy

    func look(at stage: Stage) throws -> Bool {
        switch phase {
        case .healthy:
            phase = .broken(rejected: stage.log.rejectedReloads)
            try stage.certificates.installGarbage()
            stage.server.send(signal: SIGHUP)
        case .broken(let rejected) where stage.log.rejectedReloads > rejected:
            phase = .probed(try stage.makeProbe("probe of an old certificate", trusting: stage.issue))
        case .probed(let probe) where probe.wasServed != nil:
            phase = .mended(reloads: stage.log.reloads)
            try stage.certificates.install(stage.certificates.issues[stage.issue])
            stage.server.send(signal: SIGHUP)
        case .mended(let reloads): return stage.log.reloads > reloads
        default: break
        }
        return false
    }
}
