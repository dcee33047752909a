import ArgumentParser
import ChatTransport
import EventLoop
import LoadSupport

/// Some come, log in and leave, again and again.
struct ConnectWorkload {
    /// How a connection begins.
    enum Kind: String, CaseIterable, Encodable, ExpressibleByArgument {
        case plain, full, resumed
    }

    let kind: Kind
    /// At once.
    let concurrency: Int
    let seconds: Double

    func run(
        to route: Route, speaking dialect: any Dialect, server: ServerProcess?, _ progress: Progress
    ) throws -> ConnectFigures {
        let visitors = try Visitors(kind: kind, to: route, speaking: dialect)
        // The first connection of each has nothing to resume.
        visitors.begin(concurrency)
        try visitors.run(until: .now + Nanoseconds(seconds: max(seconds / 10, 0.1)), progress)
        let (start, before) = (try Snapshot(of: server), visitors.served)
        try visitors.run(until: .now + Nanoseconds(seconds: seconds), progress)
        let interval = Interval(start, try Snapshot(of: server))
        let connections = visitors.served - before
        visitors.end()
        return ConnectFigures(
            kind: kind, connections: connections, failed: visitors.failed, seconds: interval.seconds,
            connectionsPerSecond: Double(connections) / interval.seconds, load: interval.load,
            server: interval.serverTime.map {
                ConnectFigures.Server(
                    cpuShare: $0 / interval.seconds,
                    cpuMicrosecondsPerConnection: connections > 0 ? $0 * 1e6 / Double(connections) : nil)
            })
    }
}

/// What connecting has shown.
struct ConnectFigures: Encodable {
    struct Server: Encodable {
        /// Of one core.
        let cpuShare: Double
        /// `nil` where there was none.
        let cpuMicrosecondsPerConnection: Double?
    }

    let kind: ConnectWorkload.Kind
    let connections: Int
    /// Ended before they were in the room, or did not resume what they were to resume.
    let failed: Int
    let seconds: Double
    let connectionsPerSecond: Double
    let load: LoadUsage
    let server: Server?

    var isFaultless: Bool { connections > 0 && failed == 0 }
}

/// The clients of a ``ConnectWorkload``. Confined to its thread.
private final class Visitors: EventLoopWork, ClientDelegate {
    /// Connections that have come and gone.
    private(set) var served = 0
    private(set) var failed = 0

    private let kind: ConnectWorkload.Kind
    private let route: Route
    private let dialect: any Dialect
    private let run = UInt32.random(in: 0..<1_000_000)
    private let loop: EventLoop
    private let buffer = Client.Buffer()
    private var started = 0
    private var clients: [Int: Client] = [:]
    private var sessions: [TLSSession] = []
    private var isEnding = false
    private var failure: (any Error)?

    init(kind: ConnectWorkload.Kind, to route: Route, speaking dialect: any Dialect) throws {
        self.kind = kind
        self.route = route
        self.dialect = dialect
        Preparation.prepare()
        loop = try EventLoop(poller: .epoll, wakeup: Wakeup())
    }

    func begin(_ count: Int) {
        for _ in 0..<count { start() }
    }

    func run(until end: Nanoseconds, _ progress: Progress) throws {
        let ticker = try TimerSource(on: loop) { [unowned self] in progress.show("\(served) have come and gone") }
        defer { ticker.cancel() }
        ticker.repeats(every: Nanoseconds(seconds: 0.02))
        while .now < end {
            try loop.runTurn(self)
            if let failure { throw failure }
        }
    }

    func end() {
        isEnding = true
        for client in clients.values { client.close() }
        clients = [:]
    }

    let hasWork = false

    func turn() {}

    func clientEntered(_ client: Client) {
        if kind == .resumed, let session = client.resumableSession { sessions.append(session) }
        if client.wasToResume, !client.isResumed { failed += 1 }
        client.leave()
    }

    func client(_ client: Client, received lines: UnsafeRawBufferPointer) {}

    func clientEnded(_ client: Client, _ error: (any Error)?) {
        clients[client.number] = nil
        if let error {
            failed += 1
            // A server that lets nobody in would be asked for ever.
            if failed > 100 { failure = error }
        } else {
            served += 1
        }
        if !isEnding { start() }
    }

    private func start() {
        do {
            clients[started] = try Client(
                started, name: "b\(run)-\(started)", to: route, speaking: dialect, resuming: sessions.popLast(),
                on: loop, buffer: buffer, delegate: self)
            started += 1
        } catch {
            failure = error
        }
    }
}
