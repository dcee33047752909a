import ChatTransport
import EventLoop
import Foundation
import Glibc
import LoadSupport
import TestSupport

/// A server, honest users who check everything that they are promised, and chaos around them. Confined to its thread.
final class Soak: EventLoopWork {
    private static let honestUsers = 24
    private static let look = Nanoseconds(seconds: 0.02)
    /// How long it may take until everybody has everything and is gone.
    private static let patience = Duration.seconds(180)
    /// How long the server is left alone before its memory is looked at.
    private static let rest = Duration.seconds(2)
    private static let floods = 4
    private static let timeToFlood = Duration.seconds(3)
    /// The server's grace, and what else it may take.
    private static let timeToEnd = Duration.seconds(8)

    let hasWork = false

    private let options: SoakOptions
    private let progress = Progress()
    private let folder: TemporaryFolder
    private let violations = Violations()
    private let loop: EventLoop
    private let server: Server
    private let log: ServerLog
    private let world: World
    private let stage: Stage
    private let population: Population
    private let misfortune: Misfortune
    private let mood = HonestUser.Mood()
    private var honest: [Client] = []
    private var footprints: [Footprint] = []
    private var hasComeToLook = false
    private var phase = ""
    /// How many of the broken promises were shown already.
    private var shown = 0
    private var timeToEnd: Double?

    init(_ options: SoakOptions) throws {
        self.options = options
        Preparation.prepare()
        folder = try TemporaryFolder()
        loop = try EventLoop(poller: .epoll, wakeup: Wakeup())
        let certificates = try Certificates(in: folder.url, script: URL(filePath: options.certificates))
        server = try Server(options.executable, certificates, in: folder.url)
        log = ServerLog(violations)
        world = try World(loop, server.addresses, certificates.security, folder: folder.url, violations)
        stage = Stage(world, server, certificates, log, SplitMix64(seed: options.seed))
        population = Population(options.clients, on: stage)
        misfortune = Misfortune(on: stage)
    }

    func turn() {}

    /// Runs it, and says what it has shown.
    func run() throws -> SoakReport {
        let ticker = try TimerSource(on: loop) { [unowned self] in hasComeToLook = true }
        defer { ticker.cancel() }
        ticker.repeats(every: Self.look)
        let start = Instant.now
        try gather()
        try settle()
        // What grows on first use has grown then.
        try spreadChaos(for: options.warmUp)
        try settle()
        for part in options.parts {
            try spreadChaos(for: part)
            try settle()
        }
        world.correspondence.close()
        judgeGrowth()
        try endServer()
        progress.clear()
        return SoakReport(
            seed: options.seed, seconds: Double(Instant.now.nanoseconds - start.nanoseconds) / 1e9,
            tallies: population.tallies, faults: misfortune.counts, honest: honest.count,
            linesChecked: world.transcript.checked, publicLines: world.transcript.end,
            directMessages: world.correspondence.delivered, logLines: log.lines, violations: violations,
            footprints: Array(footprints.dropFirst()), exitStatus: server.exitStatus, secondsToEnd: timeToEnd)
    }

    // MARK: Phases

    private func gather() throws {
        phase = "honest users come"
        let names = (1...Self.honestUsers).map { "h\($0)" }
        world.residents = names.enumerated().filter { !leaves($0.offset) }.map(\.element)
        for (index, name) in names.enumerated() {
            let script = HonestUser.script(
                name, among: names, leaves: leaves(index), mood, seed: stage.random.next())
            let user = try Client(
                "honest user", name: name, at: index.isMultiple(of: 2) ? .plain : .tls, script, in: world)
            honest.append(user)
            guard index == 0 else { continue }
            guard try run(atMost: Self.patience, until: { user.participant.isIn }) else {
                throw SoakFailure("the server lets nobody in")
            }
            user.participant.isFirst()
        }
    }

    private func leaves(_ index: Int) -> Bool { index % 3 == 2 }

    private func spreadChaos(for duration: Duration) throws {
        mood.isQuiet = false
        phase = "chaos"
        try population.bringOneOfEach()
        let end = Instant.now + duration
        _ = try run(atMost: duration + Self.patience) { [self] in
            let isOver = end <= .now
            try misfortune.look(beginsNext: !isOver)
            if !isOver { try population.fill() }
            return isOver && misfortune.isIdle
        }
    }

    /// Waits until only the honest users are there, has them see that, and weighs the server.
    private func settle() throws {
        phase = "chaos ends"
        if try !run(atMost: Self.patience, until: { [self] in stage.guests.isEmpty }) {
            for guest in stage.guests { violations.note(.mistreated, "\(guest.title) is still there") }
        }
        for guest in stage.guests { guest.abandon() }
        phase = "honest users look around"
        mood.isQuiet = true
        if try !run(atMost: Self.patience, until: { [self] in areSettled && strangers.isEmpty }) { noteUnsettled() }
        mood.audits += 1
        if try !run(
            atMost: Self.patience, until: { [self] in mood.audited == mood.audits * honest.count && areSettled })
        {
            violations.note(.lost, "WHO or HELP is not answered")
        }
        let expected = footprints.first?.descriptors
        _ = try run(atMost: .seconds(30)) { [self] in expected.map { $0 == server.descriptors } ?? true }
        _ = try run(atMost: Self.rest) { false }
        footprints.append(server.footprint)
    }

    /// Against the moment behind the warm-up, and then each half against the one before: what goes on to grow is a leak.
    private func judgeGrowth() {
        for (earlier, later) in zip(footprints.dropFirst(), footprints.dropFirst(2)) {
            later.judge(against: earlier, violations)
        }
    }

    private var areSettled: Bool { honest.allSatisfy(\.isSettled) }

    private var strangers: Set<String> {
        Set(world.transcript.roster.names).symmetricDifference(honest.map(\.name))
    }

    private func noteUnsettled() {
        for name in strangers.sorted() { violations.note(.ghost, "\(name) is there or not, at the end") }
        for user in honest where !user.isSettled {
            violations.note(.lost, "\(user.name) has not got everything: \(user.participant.owed) replies owed")
        }
    }

    /// Ends the server while some flood it and others do not read.
    private func endServer() throws {
        phase = "the server ends"
        mood.isQuiet = false
        for _ in 0..<Self.floods {
            for door in [Client.Door.plain, .tls] {
                try population.bring(Flood(door: door))
                try population.bring(StalledReader(door: door))
            }
        }
        _ = try run(atMost: Self.timeToFlood) { false }
        world.isEnding = true
        let start = Instant.now
        server.send(signal: SIGTERM)
        if try run(atMost: Self.timeToEnd, until: { [self] in !server.isRunning }) {
            timeToEnd = Double(Instant.now.nanoseconds - start.nanoseconds) / 1e9
            if server.exitStatus != 0 { violations.note(.mistreated, "the server's exit status is not 0") }
        } else {
            violations.note(.mistreated, "the server has not ended")
        }
        _ = try run(atMost: .seconds(10)) { [self] in honest.allSatisfy { $0.ending != nil } }
        for user in honest {
            if user.ending != .orderly {
                violations.note(.mistreated, "\(user.name) has no orderly end: \(user.ending as Any)")
            }
            if !user.participant.isUpToDate || world.transcript.last != .shuttingDown {
                violations.note(.lost, "\(user.name) was not told of the end, or not everything before it")
            }
        }
        for guest in stage.guests { guest.abandon() }
        look()
    }

    // MARK: The event loop

    /// Runs turns until something is so, or the time is up. Returns whether it is so.
    private func run(atMost limit: Duration, until isDone: () throws -> Bool) throws -> Bool {
        let end = Instant.now + limit
        while try !isDone() {
            guard end > .now else { return false }
            hasComeToLook = false
            while !hasComeToLook { try loop.runTurn(self) }
            look()
            guard server.isRunning || world.isEnding else { throw SoakFailure("the server has ended by itself") }
        }
        return true
    }

    private func look() {
        population.look()
        for user in honest { user.look() }
        for line in server.readLog() { log.receive(line, excuses: misfortune.excuses) }
        while shown < violations.examples.count {
            progress.clear()
            try? FileHandle.standardError.write(contentsOf: Data("\(violations.examples[shown])\n".utf8))
            shown += 1
        }
        progress.show(
            "\(phase): \(population.served) clients served, \(stage.guests.count) there, "
                + "\(world.transcript.checked) lines checked, \(violations.counts.values.reduce(0, +)) broken promises")
    }
}
