import EventLoop

/// The poller of a simulated event loop: it never waits.
final class SimulatedPoller: Poller {
    private struct Watched {
        let descriptor: CInt
        var interest: Interest
        let token: Token
        /// `nil` for a wake-up.
        let connection: SimulatedConnection?
    }

    private var watched: [Watched] = []
    private let connections: (CInt) -> SimulatedConnection?
    private let wakeup: Wakeup

    init(_ wakeup: Wakeup, connections: @escaping (CInt) -> SimulatedConnection?) {
        self.wakeup = wakeup
        self.connections = connections
    }

    /// Whether a turn would not wait.
    var isReady: Bool { wakeup.isPending || watched.contains { !readiness($0).isEmpty } }

    func add(_ descriptor: CInt, _ interest: Interest, token: Token) {
        watched.append(
            Watched(descriptor: descriptor, interest: interest, token: token, connection: connections(descriptor)))
    }

    func modify(_ descriptor: CInt, _ interest: Interest, token: Token) {
        guard let place = watched.firstIndex(where: { $0.descriptor == descriptor }) else { return }
        watched[place].interest = interest
    }

    func remove(_ descriptor: CInt) {
        watched.removeAll { $0.descriptor == descriptor }
    }

    func wait(milliseconds: CInt, into ready: inout [Readiness]) {
        for watched in watched {
            let readiness = readiness(watched)
            if !readiness.isEmpty { ready.append(Readiness(token: watched.token, interest: readiness)) }
        }
    }

    private func readiness(_ watched: Watched) -> Interest {
        guard let connection = watched.connection else { return wakeup.isPending ? .readable : [] }
        return connection.readiness.intersection(watched.interest)
    }
}
