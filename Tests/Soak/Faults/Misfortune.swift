import EventLoop

/// One fault after another. Confined to the event loop.
final class Misfortune {
    /// Behind a fault its errors may still be in the log for so long.
    private static let aftermath = Duration.seconds(5)
    private static let interval = Duration.seconds(2)
    private static let patience = Duration.seconds(90)

    /// By the faults' titles.
    private(set) var counts: [String: Int] = [:]

    private let stage: Stage
    private let makers: [() -> any Fault] = [
        { Renewal() }, { Exhaustion() }, { Suspension() }, { Burst() }, { BrokenRenewal() },
    ]
    private var made = 0
    private var current: (any Fault)?
    private var end = Instant.now
    private var lastExcuses: (excuses: Set<String>, end: Instant) = ([], .now)

    init(on stage: Stage) {
        self.stage = stage
    }

    var isIdle: Bool { current == nil }

    /// Which errors in the server's log are explained now.
    var excuses: Set<String> {
        (current?.excuses ?? []).union(lastExcuses.end > .now ? lastExcuses.excuses : [])
    }

    /// Goes on with what is under way, or begins the next, if one is to begin.
    func look(beginsNext: Bool) throws {
        if current == nil, beginsNext, end + Self.interval <= .now {
            current = makers[made % makers.count]()
            made += 1
            end = .now + Self.patience
        }
        guard let fault = current else { return }
        let isOver = try fault.look(at: stage)
        if !isOver, end <= .now {
            stage.world.violations.note(.mistreated, "the server has not got over: \(type(of: fault).title)")
        }
        guard isOver || end <= .now else { return }
        counts[type(of: fault).title, default: 0] += 1
        lastExcuses = (fault.excuses, .now + Self.aftermath)
        (current, end) = (nil, .now)
    }
}
