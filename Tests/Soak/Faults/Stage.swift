/// What a fault has to do with. Confined to the event loop.
final class Stage {
    let world: World
    let server: Server
    let certificates: Certificates
    let log: ServerLog
    var random: SplitMix64
    /// Which certificate the server's files hold.
    var issue = 0
    /// Those that are there.
    var guests: [any Guest] = []

    init(_ world: World, _ server: Server, _ certificates: Certificates, _ log: ServerLog, _ random: SplitMix64) {
        self.world = world
        self.server = server
        self.certificates = certificates
        self.log = log
        self.random = random
    }

    /// A client that comes to see whether it is let in, and by which certificate.
    func makeProbe(_ title: String, trusting issue: Int? = nil) throws -> Client {
        let steps: [Step] = .enter + [.say([.message(length: 1), .ping]), .answered] + .exit
        let probe = try Client(
            title, name: world.makeName("probe"), at: .tls,
            trusting: issue.map { certificates.issues[$0].security }, Script(steps.makeIterator()), in: world)
        guests.append(probe)
        return probe
    }
}
