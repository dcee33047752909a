import EventLoop
import LoadSupport

/// Clients in one room, of whom some send what all receive. Confined to its thread.
final class LoadGenerator: EventLoopWork, ClientDelegate {
    /// How many are on their way into the room at once at the most.
    private static let mostNewcomers = 1_024
    /// So few that nobody lags meanwhile.
    private static let fewNewcomers = 32
    /// How long the server may leave everybody without anything that is owed.
    private static let patience = Nanoseconds(seconds: 20)

    private enum Pace {
        case none
        /// Each sender has this many lines in flight.
        case closed(inFlight: Int, singly: Bool)
        /// Lines are due at their times, whatever became of those before.
        case open(interval: Nanoseconds, next: Nanoseconds)
    }

    private enum Stage: Equatable {
        /// Any figure that changes as long as there is progress.
        case at(Int)
        case done
    }

    private(set) var ledger: Ledger
    /// Those who are in the room.
    private(set) var entered = 0

    private let route: Route
    private let dialect: any Dialect
    private let receivers: Int
    private let senders: Int
    private let lineSize: Int
    private let run = UInt32.random(in: 0..<1_000_000)
    private let loop: EventLoop
    private let buffer = Client.Buffer()
    private var clients: [Client] = []
    /// A server that has let nobody in for so long waits for something else than us.
    private let entryDelay: Nanoseconds
    private var newcomers: Int
    private var enteredAt = Nanoseconds.now
    private var pace = Pace.none
    private var lineLimit = Int.max
    private var pacer: TimerSource?
    private var isSynchronised: [Bool]
    private var unsynchronised = 0
    private var failure: (any Error)?

    init(_ size: LoadSize, to route: Route, speaking dialect: any Dialect, comesSlowly: Bool = false) throws {
        self.route = route
        self.dialect = dialect
        newcomers = comesSlowly ? min(Self.fewNewcomers, dialect.newcomers) : dialect.newcomers
        entryDelay = Nanoseconds(seconds: comesSlowly ? 1 : 0.05)
        receivers = size.receivers
        senders = size.senders
        lineSize = size.lineSize
        isSynchronised = Array(repeating: false, count: receivers)
        ledger = Ledger(
            receivers: receivers, senders: senders, echoes: dialect.echoes, run: run,
            isPrivate: { dialect.isPrivate($0) })
        Preparation.prepare()
        loop = try EventLoop(poller: .epoll, wakeup: Wakeup())
    }

    /// How many writes of the server have come, to all clients.
    var receivedSegments: Int { clients.reduce(0) { $0 + $1.receivedSegments } }

    /// Lets everybody into the room, and waits until all lines of the others' coming have passed.
    func gather(_ progress: Progress) throws {
        try turn { [self] in
            progress.show("\(entered) of \(receivers) are in the room")
            return entered == receivers ? .done : .at(entered)
        }
        unsynchronised = dialect.echoes ? receivers : receivers - 1
        if !dialect.echoes { isSynchronised[0] = true }
        clients[0].send(dialect.say(Message.marker(of: run)))
        try turn { [self] in
            progress.show("\(unsynchronised) are still being told who is there")
            return unsynchronised == 0 ? .done : .at(unsynchronised)
        }
    }

    /// Sends with so many lines in flight for each sender.
    func sendClosed(inFlight: Int, singly: Bool = false, lines: Int? = nil) {
        lineLimit = lines.map { ledger.sent + $0 } ?? .max
        pace = .closed(inFlight: inFlight, singly: singly)
    }

    /// Sends so many lines in a second.
    func sendPaced(rate: Double) throws {
        let interval = Nanoseconds(seconds: 1 / rate)
        pace = .open(interval: interval, next: .now + interval)
        let pacer = try TimerSource(on: loop) { [unowned self] in sendDue() }
        pacer.set(at: .now + interval)
        self.pacer = pacer
    }

    func resetLatency() {
        ledger.resetLatency()
    }

    /// Runs for a time, or until so many lines as were asked for have reached everybody.
    func run(until end: Nanoseconds, _ progress: Progress) throws {
        try turnUntilNothingComes { [self] in
            progress.show("\(ledger.completed) lines, \(ledger.deliveries) deliveries")
            return .now >= end || ledger.completed >= lineLimit ? .done : .at(ledger.deliveries)
        }
    }

    /// Sends nothing more, and waits until everybody has everything, or nothing comes any more.
    func finish() throws {
        pace = .none
        pacer?.cancel()
        pacer = nil
        try turnUntilNothingComes { [self] in ledger.completed == ledger.sent ? .done : .at(ledger.deliveries) }
        ledger.close()
        for client in clients { client.close() }
    }

    // MARK: The event loop

    let hasWork = false

    func turn() {
        admitNewcomers()
        for (receiver, line) in ledger.takeAsides() { clients[receiver].send(dialect.answer(to: line)) }
        if case .closed(let inFlight, let singly) = pace { refill(inFlight, singly) }
    }

    /// Runs turns until `progress`, which is asked in each, is done.
    private func turn(_ progress: () -> Stage) throws {
        // A turn now and then also where nothing comes.
        let ticker = try TimerSource(on: loop) {}
        defer { ticker.cancel() }
        ticker.repeats(every: Nanoseconds(seconds: 0.02))
        var last = Stage.done
        var changedAt = Nanoseconds.now
        while true {
            let stage = progress()
            if stage == .done { return }
            if stage != last { changedAt = .now }
            last = stage
            guard .now - changedAt < Self.patience else { throw NoProgress() }
            try loop.runTurn(self)
            if let failure { throw failure }
        }
    }

    /// What has not come by the end is lost: the ledger says so.
    private func turnUntilNothingComes(_ progress: () -> Stage) throws {
        do {
            try turn(progress)
        } catch is NoProgress {}
    }

    private func admitNewcomers() {
        guard entered < receivers else { return }
        if .now - enteredAt > entryDelay {
            newcomers = min(newcomers * 2, Self.mostNewcomers)
            enteredAt = .now
        }
        while failure == nil, clients.count < receivers, clients.count - entered < newcomers {
            do {
                clients.append(
                    try Client(
                        clients.count, name: "b\(run)-\(clients.count)", to: route, speaking: dialect, on: loop,
                        buffer: buffer, delegate: self))
            } catch {
                failure = error
            }
        }
    }

    private func refill(_ inFlight: Int, _ singly: Bool) {
        for sender in 0..<senders {
            let free = min(inFlight - ledger.inFlight(of: sender), lineLimit - ledger.sent)
            guard free > 0 else { continue }
            var lines: [UInt8] = []
            let now = Nanoseconds.now
            for _ in 0..<free {
                lines += line(ledger.send(from: sender, at: now))
                guard singly else { continue }
                clients[sender].send(lines)
                lines.removeAll(keepingCapacity: true)
            }
            if !singly { clients[sender].send(lines) }
        }
    }

    private func sendDue() {
        guard case .open(let interval, var next) = pace else { return }
        // What falls due while these are sent has its turn behind what has come meanwhile.
        let now = Nanoseconds.now
        while next <= now {
            let sender = ledger.sent % senders
            clients[sender].send(line(ledger.send(from: sender, at: next)))
            next += interval
        }
        pace = .open(interval: interval, next: next)
        pacer?.set(at: next)
    }

    private func line(_ message: Message) -> [UInt8] {
        dialect.say(message.text(run: run, size: lineSize))
    }

    // MARK: Clients

    func clientEntered(_ client: Client) {
        entered += 1
        enteredAt = .now
    }

    func client(_ client: Client, received lines: UnsafeRawBufferPointer) {
        if isSynchronised[client.number] {
            ledger.receive(lines, by: client.number, at: .now)
        } else {
            synchronise(client, lines)
        }
    }

    func clientEnded(_ client: Client, _ error: (any Error)?) {
        guard let error else { return }
        failure = failure ?? ledger.unexpectedLine.map { Refused(line: $0) } ?? error
    }

    /// Passes over what comes before the first client's first line.
    private func synchronise(_ client: Client, _ lines: UnsafeRawBufferPointer) {
        var rest = lines[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = UnsafeRawBufferPointer(rebasing: rest[...end])
            rest = rest[(end + 1)...]
            if dialect.isPrivate(line) {
                client.send(dialect.answer(to: Array(line)))
            } else if Message.isMarker(line, of: run) {
                isSynchronised[client.number] = true
                unsynchronised -= 1
                if !rest.isEmpty {
                    ledger.receive(UnsafeRawBufferPointer(rebasing: rest), by: client.number, at: .now)
                }
                return
            }
        }
    }
}

/// How large a load is.
struct LoadSize {
    let receivers: Int
    /// Of the receivers.
    let senders: Int
    /// In bytes, at least: the text of a line.
    let lineSize: Int
}

/// The server has left everybody without what is owed for too long.
struct NoProgress: Error, CustomStringConvertible {
    var description: String { "the server sends nothing any more" }
}
