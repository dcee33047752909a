import ArgumentParser
import LoadSupport

extension FanoutWorkload {
    /// Runs against the floor, where that is wanted, and the server, and shows both. Throws ``ExitCode/failure`` where a
    /// line went astray.
    func run(on target: TargetOptions, beside floor: FloorOptions, showing output: OutputOptions) throws {
        let progress = Progress()
        defer { progress.clear() }
        let server = try target.server()
        let limit = try floor.measure(beside: server, authorities: target.ca) {
            try $0.fanOut(.limit(of: target.target, inFlight: inFlight), self, progress)
        }
        let figures = try run(to: target.route(), speaking: target.dialect.dialect, server: server, progress)
        try output.show(FanoutReport(target, self, figures, limit))
        guard figures.isFaultless else { throw ExitCode.failure }
    }

    /// Of all senders.
    private var inFlight: Int {
        switch pace {
        case .closed(let inFlight, _): inFlight * size.senders
        case .open: 1
        }
    }
}
