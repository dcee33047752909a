import EventLoop

/// The poller of a simulated event loop: it never waits. Connections tell it when they may be ready.
final class SimulatedPoller: Poller {
    private struct Watched {
        var interest: Interest
        let token: Token
        let connection: SimulatedConnection
        /// It is one of `candidates`, which may be ready.
        var isCandidate = false
    }

    /// By descriptor.
    private var watched: [CInt: Watched] = [:]
    private var candidates: [CInt] = []
    private let connections: (CInt) -> SimulatedConnection?
    private let wakeup: Wakeup
    private var wakeupToken: Token?

    init(_ wakeup: Wakeup, connections: @escaping (CInt) -> SimulatedConnection?) {
        self.wakeup = wakeup
        self.connections = connections
    }

    /// Whether a turn would not wait.
    var isReady: Bool {
        if wakeup.isPending { return true }
        while let last = candidates.last {
            if let place = watched.index(forKey: last) {
                if !Self.readiness(of: watched.values[place]).isEmpty { return true }
                watched.values[place].isCandidate = false
            }
            candidates.removeLast()
        }
        return false
    }

    func add(_ descriptor: CInt, _ interest: Interest, token: Token) {
        guard let connection = connections(descriptor) else {
            wakeupToken = token
            return
        }
        watched[descriptor] = Watched(interest: interest, token: token, connection: connection)
        connection.serverEvent = { [unowned self] in noteChange(of: descriptor) }
        noteChange(of: descriptor)
    }

    func modify(_ descriptor: CInt, _ interest: Interest, token: Token) {
        watched[descriptor]?.interest = interest
        noteChange(of: descriptor)
    }

    func remove(_ descriptor: CInt) {
        guard let removed = watched.removeValue(forKey: descriptor) else { return }
        removed.connection.serverEvent = {}
        if removed.isCandidate { candidates.removeAll { $0 == descriptor } }
    }

    func wait(milliseconds: CInt, into ready: inout [Readiness]) {
        if wakeup.isPending, let wakeupToken { ready.append(Readiness(token: wakeupToken, interest: .readable)) }
        candidates.removeAll { descriptor in
            guard let place = watched.index(forKey: descriptor) else { return true }
            let readiness = Self.readiness(of: watched.values[place])
            guard readiness.isEmpty else {
                ready.append(Readiness(token: watched.values[place].token, interest: readiness))
                return false
            }
            watched.values[place].isCandidate = false
            return true
        }
    }

    private func noteChange(of descriptor: CInt) {
        guard let place = watched.index(forKey: descriptor), !watched.values[place].isCandidate else { return }
        watched.values[place].isCandidate = true
        candidates.append(descriptor)
    }

    private static func readiness(of watched: Watched) -> Interest {
        watched.connection.readiness.intersection(watched.interest)
    }
}
