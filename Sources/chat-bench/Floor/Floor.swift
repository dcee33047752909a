import LoadSupport

/// The physical limit, measured by the same load as a server.
struct Floor {
    let material: FloorMaterial
    /// Whom the clients trust: a file in PEM.
    let authorities: String?
    /// Where the floor runs: where the server does.
    let cores: CPUSet?

    func fanOut(_ variant: FloorVariant, _ workload: FanoutWorkload, _ progress: Progress) throws -> FanoutFigures {
        try measure(variant, workload.size) { route, process in
            try workload.run(to: route, speaking: VerbatimDialect(), server: process, progress)
        }
    }

    func connect(_ workload: ConnectWorkload, _ progress: Progress) throws -> ConnectFigures {
        let size = LoadSize(receivers: 0, senders: 0, lineSize: 0)
        return try measure(.limit(of: workload.kind), size) { route, process in
            try workload.run(to: route, speaking: ChatDialect(), server: process, progress)
        }
    }

    func hold(_ workload: IdleWorkload, isTLS: Bool, _ progress: Progress) throws -> IdleFigures {
        try measure(isTLS ? .records : .bare, workload.size, keepsBuffers: false) { route, process in
            try workload.run(to: route, speaking: VerbatimDialect(), server: process, progress)
        }
    }

    private func measure<Figures>(
        _ variant: FloorVariant, _ size: LoadSize, keepsBuffers: Bool = true,
        _ body: (Route, ServerProcess) throws -> Figures
    ) throws -> Figures {
        let process = try FloorProcess(variant, size, material, keepsBuffers: keepsBuffers, on: cores)
        defer { process.end() }
        return try body(Route(to: process.target, authorities: authorities), process.server)
    }
}
