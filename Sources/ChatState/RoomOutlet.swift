import FlowControl

/// A room's log, and what the event loops need of it. Under the order's lock.
struct RoomOutlet {
    private struct Needs {
        /// Users in the room whom the loop serves.
        var members = 0
        /// From which position on receivers of the loop need the log; `.max` if none do.
        var all = Int.max
        /// The same of healthy receivers.
        var healthy = Int.max
        /// Up to where the loop can send soon.
        var sweepEnd = Int.max
        /// What its bulk senders may say while those of other loops wait as well, in bytes.
        var grant = 0
    }

    private let logLimit: Int
    private var log = RoomLog()
    private var needs: [Needs]
    private var gate: BulkGate
    /// The lowest position that a healthy receiver needs.
    private var slowestHealthy = Int.max
    /// The lowest position up to which a loop can send soon.
    private var sweepEnd = Int.max
    /// Loops with bulk senders that wait.
    private var waiting = LoopSet()
    /// Loops that serve a member.
    private(set) var readers = LoopSet()

    init(loops: Int, logLimit: Int) {
        self.logLimit = logLimit
        needs = Array(repeating: Needs(), count: loops)
        gate = BulkGate(roomLog: logLimit)
    }

    var end: Int { log.end }

    /// In bytes.
    var size: Int { log.size }

    /// Appends a line. Returns the loops whose receivers have lost lines that they still need.
    mutating func append(_ prefix: [UInt8], _ text: Span<UInt8>) -> LoopSet {
        let start = log.start
        log.append(prefix, text, limit: logLimit)
        return log.start == start ? LoopSet() : loopsBehind
    }

    /// Whether a bulk line of `size` bytes may be said now. If not, the loop is among those to be woken when it may.
    mutating func admitsBulk(_ size: Int, from loop: Int, at memory: MemoryBudget.Level) -> Bool {
        let hasTurn = waiting.isEmpty || needs[loop].grant > 0
        guard hasTurn, !isScarce(at: memory), space > 0 else {
            waiting.insert(loop)
            return false
        }
        needs[loop].grant = max(needs[loop].grant - size, 0)
        return true
    }

    mutating func addMember(on loop: Int, from position: Int) {
        needs[loop].members += 1
        readers.insert(loop)
        needs[loop].all = min(needs[loop].all, position)
        needs[loop].healthy = min(needs[loop].healthy, position)
        slowestHealthy = min(slowestHealthy, position)
        needs[loop].sweepEnd = min(needs[loop].sweepEnd, position + Cost.sweepLimit(members: needs[loop].members))
        sweepEnd = min(sweepEnd, needs[loop].sweepEnd)
    }

    mutating func removeMember(on loop: Int) {
        needs[loop].members -= 1
        if needs[loop].members == 0 { readers.remove(loop) }
    }

    /// A loop says what it needs, and is shown the log. Returns the loops whose bulk senders may continue, and those whose
    /// receivers have lost lines that they still need.
    mutating func publish(
        _ reader: LogReader, of loop: Int, at memory: MemoryBudget.Level
    ) -> (opened: LoopSet, fallen: LoopSet) {
        let start = log.start
        if reader.isChanged(from: needs[loop].all, needs[loop].healthy, needs[loop].sweepEnd) {
            needs[loop].all = reader.needed
            needs[loop].healthy = reader.neededByHealthy
            needs[loop].sweepEnd = reader.sweepEnd
            slowestHealthy = needs.lazy.map(\.healthy).min() ?? .max
            sweepEnd = needs.lazy.map(\.sweepEnd).min() ?? .max
            log.trim(to: keptFrom(at: memory))
        } else if memory >= .trims {
            log.trim(to: keptFrom(at: memory))
        }
        reader.update(from: log, isAwaited: !waiting.isEmpty || log.chunks.count > 1)
        return (open(at: memory), log.start == start ? LoopSet() : loopsBehind)
    }

    /// Shares the space for bulk lines among the loops whose senders wait: none of them gets it all by being first.
    private mutating func open(at memory: MemoryBudget.Level) -> LoopSet {
        guard !waiting.isEmpty, !isScarce(at: memory) else { return LoopSet() }
        let space = space
        guard space > 0 else { return LoopSet() }
        var opened = LoopSet()
        swap(&opened, &waiting)
        let share = space / opened.count { _ in true }
        for loop in opened { needs[loop].grant = max(share, 1) }
        return opened
    }

    private var space: Int {
        mutating get { gate.space(end: log.end, slowestHealthy: slowestHealthy, sweepEnd: sweepEnd) }
    }

    /// Loops whose receivers need some of the log, as far as is known.
    var loopsInNeed: LoopSet {
        var loops = LoopSet()
        for (loop, need) in needs.enumerated() where need.all < log.end { loops.insert(loop) }
        return loops
    }

    /// Whether bulk lines wait so that the log can shrink.
    private func isScarce(at memory: MemoryBudget.Level) -> Bool { memory >= .scarce && log.chunks.count > 1 }

    private var loopsBehind: LoopSet {
        var loops = LoopSet()
        for (loop, need) in needs.enumerated() where need.all < log.start { loops.insert(loop) }
        return loops
    }

    /// While memory is scarce, unhealthy receivers keep nothing but the newest 1/64 of a log.
    private func keptFrom(at memory: MemoryBudget.Level) -> Int {
        let lowest = needs.lazy.map(\.all).min() ?? .max
        guard memory >= .trims else { return lowest }
        return max(lowest, min(slowestHealthy, log.end - logLimit / 64))
    }
}
