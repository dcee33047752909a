import LoadSupport

/// What the clocks say at one moment.
struct Snapshot {
    let time = Nanoseconds.now
    let ownTime = Nanoseconds.ownTime
    let serverTime: Nanoseconds?

    init(of server: ServerProcess?) throws(NoSuchProcess) {
        serverTime = try server?.cpuTime
    }
}

/// What has passed between two moments.
struct Interval {
    let seconds: Double
    /// Of one core: how much of it the load has taken.
    let load: LoadUsage
    /// In seconds.
    let serverTime: Double?

    init(_ start: Snapshot, _ end: Snapshot) {
        let seconds = (end.time - start.time).seconds
        self.seconds = seconds
        load = LoadUsage(cpuShare: (end.ownTime - start.ownTime).seconds / seconds)
        serverTime = start.serverTime.flatMap { start in end.serverTime.map { ($0 &- start).seconds } }
    }
}

/// How near the load generator is to being what is measured.
struct LoadUsage: Encodable {
    /// Of one core, from 0 to 1.
    let cpuShare: Double
}
