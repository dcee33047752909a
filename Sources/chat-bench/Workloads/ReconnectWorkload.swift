import EventLoop
import LoadSupport

/// All clients connect and log in at once, as after a restart of the server, and each tries again until it is in.
struct ReconnectWorkload {
    let clients: Int
    /// In seconds: how long a client waits for the answer to its LOGIN.
    let patience: Double
    /// In seconds: from a failed attempt to the next.
    let pause: Double
    let secondsAtMost: Double

    func run(
        to route: Route, speaking dialect: any Dialect, server: ServerProcess?, _ progress: Progress
    ) throws -> ReconnectFigures {
        let crowd = try ReturningCrowd(self, to: route, speaking: dialect)
        let start = try Snapshot(of: server)
        try crowd.run(progress)
        let interval = Interval(start, try Snapshot(of: server))
        let waits = crowd.waits.sorted()
        func wait(_ share: Double) -> Double? { waits.isEmpty ? nil : waits[Int(Double(waits.count - 1) * share)] }
        return ReconnectFigures(
            clients: clients, loggedIn: crowd.loggedIn, seconds: interval.seconds, secondsP50: wait(0.5),
            secondsP99: wait(0.99), attempts: crowd.attempts, failures: crowd.failures, load: interval.load,
            server: interval.serverTime.map { ReconnectFigures.Server(cpuShare: $0 / interval.seconds) })
    }
}

/// What the return of all clients has shown.
struct ReconnectFigures: Encodable {
    struct Server: Encodable {
        /// Of one core.
        let cpuShare: Double
    }

    let clients: Int
    /// At the end.
    let loggedIn: Int
    /// Until all were logged in, or until the time was up.
    let seconds: Double
    /// From the start to a client's LOGIN.
    let secondsP50: Double?
    let secondsP99: Double?
    let attempts: Int
    /// Attempts that failed, by what happened.
    let failures: [String: Int]
    let load: LoadUsage
    let server: Server?

    var isFaultless: Bool { loggedIn == clients }
}

/// The clients of a ``ReconnectWorkload``. Confined to its thread.
private final class ReturningCrowd: EventLoopWork, ClientDelegate {
    private struct Attempt {
        let client: Client
        let start: Nanoseconds
    }

    /// In seconds from the start: when each client was logged in.
    private(set) var waits: [Double] = []
    private(set) var attempts = 0
    private(set) var failures: [String: Int] = [:]

    private let workload: ReconnectWorkload
    private let route: Route
    private let dialect: any Dialect
    private let run = UInt32.random(in: 0..<1_000_000)
    private let loop: EventLoop
    private let buffer = Client.Buffer()
    private let start = Nanoseconds.now
    private var underWay: [Int: Attempt] = [:]
    private var present: [Int: Client] = [:]
    /// Clients that wait for their next attempt, in the order of its time.
    private var pausing: [(number: Int, until: Nanoseconds)] = []

    init(_ workload: ReconnectWorkload, to route: Route, speaking dialect: any Dialect) throws {
        self.workload = workload
        self.route = route
        self.dialect = dialect
        Preparation.prepare()
        loop = try EventLoop(poller: .epoll, wakeup: Wakeup())
    }

    var loggedIn: Int { present.count }

    func run(_ progress: Progress) throws {
        let ticker = try TimerSource(on: loop) { [unowned self] in
            endLateAttempts()
            progress.show("\(loggedIn) of \(workload.clients) are logged in")
        }
        ticker.repeats(every: Nanoseconds(seconds: 0.02))
        defer {
            ticker.cancel()
            for client in underWay.values.map(\.client) + present.values { client.close() }
        }
        for number in 0..<workload.clients { connect(number) }
        let end = start + Nanoseconds(seconds: workload.secondsAtMost)
        while loggedIn < workload.clients, .now < end { try loop.runTurn(self) }
    }

    let hasWork = false

    func turn() {
        let now = Nanoseconds.now
        let due = pausing.prefix { $0.until <= now }.map(\.number)
        pausing.removeFirst(due.count)
        for number in due { connect(number) }
    }

    private func connect(_ number: Int) {
        attempts += 1
        do {
            let client = try Client(
                number, name: "b\(run)-\(number)", to: route, speaking: dialect, on: loop, buffer: buffer,
                delegate: self)
            underWay[number] = Attempt(client: client, start: .now)
        } catch {
            retry(number, after: "\(error)")
        }
    }

    private func retry(_ number: Int, after reason: String) {
        failures[reason, default: 0] += 1
        pausing.append((number, .now + Nanoseconds(seconds: workload.pause)))
    }

    private func endLateAttempts() {
        let limit = Nanoseconds.now - Nanoseconds(seconds: workload.patience)
        for (number, attempt) in underWay where attempt.start < limit {
            attempt.client.close()
            underWay[number] = nil
            retry(number, after: "no answer after \(workload.patience.figure) s")
        }
    }

    func clientEntered(_ client: Client) {
        underWay[client.number] = nil
        present[client.number] = client
        waits.append((.now - start).seconds)
    }

    func client(_ client: Client, received lines: UnsafeRawBufferPointer) {}

    func clientEnded(_ client: Client, _ error: (any Error)?) {
        let wasPresent = present.removeValue(forKey: client.number) != nil
        underWay[client.number] = nil
        let reason = error.map { "\($0)" } ?? "ended"
        retry(client.number, after: wasPresent ? "after LOGIN: \(reason)" : reason)
    }
}
