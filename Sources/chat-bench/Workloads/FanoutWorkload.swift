import Histogram
import LoadSupport

/// Some say lines that all receive.
struct FanoutWorkload {
    enum Pace {
        /// `singly`: each line is sent by itself.
        case closed(inFlight: Int, singly: Bool)
        /// In lines per second.
        case open(rate: Double)
    }

    enum Extent {
        case seconds(Double)
        /// Not for an open pace.
        case lines(Int)
    }

    /// What grows on first use has grown then. Some servers also treat who begins to speak differently for a second.
    private static let warmUp = 1.2

    let size: LoadSize
    let pace: Pace
    let extent: Extent

    /// Runs it against a server, of which `server` is the process if it is on this machine.
    func run(
        to route: Route, speaking dialect: any Dialect, server: ServerProcess?, _ progress: Progress
    ) throws -> FanoutFigures {
        let before = server?.residentSize
        let load = try LoadGenerator(size, to: route, speaking: dialect)
        try load.gather(progress)
        let residentSize = server?.residentSize
        switch (pace, extent) {
        case (.closed(let inFlight, let singly), .seconds): load.sendClosed(inFlight: inFlight, singly: singly)
        case (.closed(let inFlight, let singly), .lines(let lines)):
            load.sendClosed(inFlight: inFlight, singly: singly, lines: lines)
        case (.open(let rate), _): try load.sendPaced(rate: rate)
        }
        if case .seconds(let seconds) = extent {
            try load.run(until: .now + Nanoseconds(seconds: min(seconds, Self.warmUp)), progress)
            load.resetLatency()
        }
        let startSegments = load.receivedSegments
        let (start, startDeliveries, startLines) = (
            try Snapshot(of: server), load.ledger.deliveries, load.ledger.completed
        )
        switch extent {
        case .seconds(let seconds): try load.run(until: .now + Nanoseconds(seconds: seconds), progress)
        case .lines: try load.run(until: .max, progress)
        }
        let interval = Interval(start, try Snapshot(of: server))
        let deliveries = load.ledger.deliveries - startDeliveries
        let lines = load.ledger.completed - startLines
        let segments = load.receivedSegments - startSegments
        try load.finish()
        return FanoutFigures(
            receivers: size.receivers, senders: size.senders, lineBytes: load.ledger.lineLength,
            seconds: interval.seconds, lines: lines, deliveries: deliveries,
            deliveriesPerSecond: Double(deliveries) / interval.seconds,
            linesPerWrite: segments > 0 ? Double(deliveries) / Double(segments) : nil,
            latencyMicroseconds: load.ledger.latency.totalCount > 0 ? Latency(load.ledger.latency) : nil,
            lost: load.ledger.faults.lost, duplicated: load.ledger.faults.duplicated,
            misordered: load.ledger.faults.misordered, unexpected: load.ledger.faults.unexpected,
            unexpectedLine: load.ledger.unexpectedLine, load: interval.load,
            server: interval.serverTime.map {
                FanoutFigures.Server(
                    cpuShare: $0 / interval.seconds,
                    cpuMicrosecondsPerDelivery: deliveries > 0 ? $0 * 1e6 / Double(deliveries) : nil,
                    residentBytes: residentSize ?? 0,
                    residentBytesPerConnection: Double((residentSize ?? 0) - (before ?? 0)) / Double(size.receivers))
            })
    }
}

/// What a fan-out has shown.
struct FanoutFigures: Encodable {
    struct Server: Encodable {
        /// Of one core.
        let cpuShare: Double
        /// `nil` where nothing was delivered.
        let cpuMicrosecondsPerDelivery: Double?
        let residentBytes: Int
        let residentBytesPerConnection: Double
    }

    let receivers: Int
    let senders: Int
    /// Of a line as it is received.
    let lineBytes: Int
    let seconds: Double
    let lines: Int
    /// A line to one receiver is one.
    let deliveries: Int
    let deliveriesPerSecond: Double
    /// To one receiver: the lines that were served in one turn. `nil` where nothing was delivered.
    let linesPerWrite: Double?
    /// `nil` where nothing was delivered.
    let latencyMicroseconds: Latency?
    let lost: Int
    let duplicated: Int
    let misordered: Int
    let unexpected: Int
    let unexpectedLine: String?
    let load: LoadUsage
    let server: Server?

    var isFaultless: Bool { deliveries > 0 && lost == 0 && duplicated == 0 && misordered == 0 && unexpected == 0 }
}
