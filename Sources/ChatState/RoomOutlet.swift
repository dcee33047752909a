import FlowControl

/// A room's log, and the part of it that each event loop still needs. Under the order's lock.
struct RoomOutlet {
    private struct Loop {
        /// Users in the room whom the loop serves.
        var members = 0
        /// The part of the log that its receivers need, according to its last report.
        var needs = LogNeeds()
        /// The bytes that its bulk senders may add while bulk senders of other loops also wait.
        var grant = 0
    }

    private let logLimit: Int
    private var log = RoomLog()
    private var loops: [Loop]
    private var gate: BulkGate
    /// The combined needs of all loops.
    private var needs = LogNeeds()
    /// Loops with bulk senders that wait.
    private var waiting = LoopSet()
    /// Loops that serve a member.
    private(set) var readers = LoopSet()

    init(loops: Int, logLimit: Int) {
        self.logLimit = logLimit
        self.loops = Array(repeating: Loop(), count: loops)
        gate = BulkGate(roomLog: logLimit)
    }

    var end: Int { log.end }

    /// In bytes.
    var size: Int { log.size }

    /// Appends a line. Returns the loops whose receivers have lost lines that they still need.
    mutating func append(_ line: borrowing ChatLine) -> LoopSet {
        let start = log.start
        log.append(line, limit: logLimit)
        return log.start == start ? LoopSet() : loopsWithLostLines
    }

    /// Whether a bulk line of `size` bytes may be said now. If not, the loop is among those to be woken when it may.
    mutating func admitsBulk(_ size: Int, from loop: Int, at memory: MemoryBudget.Level) -> Bool {
        let hasTurn = waiting.isEmpty || loops[loop].grant > 0
        guard hasTurn, !isScarce(at: memory), space > 0 else {
            waiting.insert(loop)
            return false
        }
        loops[loop].grant = max(loops[loop].grant - size, 0)
        return true
    }

    mutating func addMember(on loop: Int, from position: Int) {
        readers.insert(loop)
        loops[loop].members += 1
        loops[loop].needs.include(LogNeeds(ofMember: loops[loop].members, from: position))
        needs.include(loops[loop].needs)
    }

    mutating func removeMember(on loop: Int) {
        loops[loop].members -= 1
        if loops[loop].members == 0 { readers.remove(loop) }
    }

    /// Takes a loop's needs and updates its reader. Returns the loops whose bulk senders may continue, and the loops whose
    /// receivers have lost lines that they still need.
    mutating func publish(
        _ reader: LogReader, of loop: Int, at memory: MemoryBudget.Level
    ) -> (opened: LoopSet, fallen: LoopSet) {
        let start = log.start
        let hasChanged = loops[loop].needs != reader.needs
        if hasChanged {
            loops[loop].needs = reader.needs
            needs = LogNeeds()
            for loop in loops { needs.include(loop.needs) }
        }
        if hasChanged || memory >= .trims { log.trim(to: trimPosition(at: memory)) }
        reader.update(from: log, needsPromptReports: !waiting.isEmpty || log.chunks.count > 1)
        return (open(at: memory), log.start == start ? LoopSet() : loopsWithLostLines)
    }

    /// Shares the space for bulk lines among the loops whose senders wait, so that the first loop does not take all of it.
    private mutating func open(at memory: MemoryBudget.Level) -> LoopSet {
        guard !waiting.isEmpty, !isScarce(at: memory) else { return LoopSet() }
        let space = space
        guard space > 0 else { return LoopSet() }
        var opened = LoopSet()
        swap(&opened, &waiting)
        let share = space / opened.count { _ in true }
        for loop in opened { loops[loop].grant = max(share, 1) }
        return opened
    }

    private var space: Int {
        mutating get { gate.space(end: log.end, slowestHealthy: needs.healthy, sweepEnd: needs.sweepEnd) }
    }

    /// Loops whose receivers need some of the log, according to their last reports.
    var loopsInNeed: LoopSet { loops(inNeedBefore: log.end) }

    /// Whether bulk lines wait so that the log can shrink.
    private func isScarce(at memory: MemoryBudget.Level) -> Bool { memory >= .scarce && log.chunks.count > 1 }

    private var loopsWithLostLines: LoopSet { loops(inNeedBefore: log.start) }

    private func loops(inNeedBefore position: Int) -> LoopSet {
        var set = LoopSet()
        for (index, loop) in loops.enumerated() where loop.needs.all < position { set.insert(index) }
        return set
    }

    /// From half of the memory limit on, only the newest 1/64 of a log is kept for unhealthy receivers.
    private func trimPosition(at memory: MemoryBudget.Level) -> Int {
        guard memory >= .trims else { return needs.all }
        return max(needs.all, min(needs.healthy, log.end - logLimit / 64))
    }
}
