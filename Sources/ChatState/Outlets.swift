import ChatProtocol
import FlowControl

/// The destinations of an order's decisions: the rooms' logs, and the effects of each event loop. Under the order's lock.
struct Outlets: ChatSink {
    private struct Loop {
        var effects = Effects()
        /// How often the loop has collected.
        var collections = 0
        /// Something was decided for this loop that it has not collected.
        var hasUncollectedDecisions = false
        /// Loops for which something was decided on this one, and which it has to wake.
        var wakes = LoopSet()
        /// Connections of this loop wait for an answer that has come.
        var mayContinue = false
        /// In bytes.
        var pendingBytes = 0
        /// The ``LoopReport/victim`` that the loop reported last.
        var victim = 0
    }

    private struct Account {
        var messages = DirectMessageAccount()
        /// Loops with senders that wait until the messages are tried.
        var waiting = LoopSet()
    }

    private let memory: MemoryBudget
    private var loops: [Loop]
    private var rooms: [RoomOutlet]
    /// Of users that were sent a direct message, until they leave.
    private var accounts: [ConnectionID: Account] = [:]
    /// The loop on which something is being decided.
    var decider = 0
    /// Nothing more is decided.
    var isClosed = false
    private var pendingBytes = 0

    init(loops: Int, roomLog: Int, memory: MemoryBudget) {
        self.memory = memory
        self.loops = Array(repeating: Loop(), count: loops)
        rooms = [RoomOutlet(loops: loops, logLimit: roomLog)]
    }

    // MARK: Sink

    mutating func announce(_ line: borrowing ChatLine, in room: RoomID) {
        let fallen = rooms[room.index].append(line)
        for loop in fallen { wake(loop) }
        for loop in rooms[room.index].readers { wake(loop) }
    }

    mutating func reply(_ lines: [UInt8], to connection: ConnectionID, in room: RoomID?) {
        let range = loops[connection.loop].effects.append(lines)
        add(.reply(range), to: connection, at: end(of: room))
    }

    mutating func direct(
        _ line: borrowing ChatLine, to connection: ConnectionID, in room: RoomID, from sender: DirectSender
    ) {
        let range = loops[connection.loop].effects.append(line)
        add(.direct(range, sender), to: connection, at: end(of: room))
    }

    mutating func enter(_ room: RoomID, _ connection: ConnectionID) {
        let position = end(of: room)
        rooms[room.index].addMember(on: connection.loop, from: position)
        add(.entered(room), to: connection, at: position)
    }

    mutating func leave(_ room: RoomID, _ connection: ConnectionID, isExpelled: Bool) {
        add(.left(isExpelled: isExpelled), to: connection, at: end(of: room))
        rooms[room.index].removeMember(on: connection.loop)
        for waiting in accounts.removeValue(forKey: connection)?.waiting ?? LoopSet() { letContinue(waiting) }
    }

    // MARK: Replies and direct messages

    /// Decides on a direct message. If it waits, the sender's loop is woken once the receiver's loop has tried.
    mutating func admitDirect(
        to connection: ConnectionID, _ sender: DirectSender, from loop: Int, awaited: Int?
    ) -> DirectMessageAccount.Verdict {
        let limit = PendingLimits.scaled(DirectMessageAccount.limit, at: memoryLevel)
        let verdict = accounts[connection, default: Account()].messages.admit(
            sender.size, from: sender.group, limit: limit, in: loops[connection.loop].collections + 1, awaited: awaited)
        if case .waits = verdict { accounts[connection]?.waiting.insert(loop) }
        return verdict
    }

    /// Whether a bulk line may be said in the room now. If not, the loop is woken when it may.
    mutating func admitsBulk(_ size: Int, in room: RoomID, from loop: Int) -> Bool {
        if rooms[room.index].admitsBulk(size, from: loop, at: memoryLevel) { return true }
        // An idle loop may have sent more than it has reported to the order.
        for holder in rooms[room.index].loopsInNeed { wake(holder) }
        return false
    }

    // MARK: Loops

    mutating func collect(
        for loop: Int, into effects: inout Effects, _ readers: inout [LogReader], _ report: inout LoopReport
    ) -> Collection {
        decider = loop
        take(&report, from: loop)
        swap(&loops[loop].effects, &effects)
        loops[loop].collections += 1
        for entry in effects.entries {
            guard case .entered(let room) = entry.kind else { continue }
            if !readers.contains(where: { $0.room == room }) { readers.append(LogReader(room)) }
            for reader in readers where reader.room == room {
                reader.needs.include(LogNeeds(ofMember: 1, from: entry.position))
            }
        }
        for reader in readers {
            let change = rooms[reader.room.index].publish(reader, of: loop, at: memoryLevel)
            for waiting in change.opened { letContinue(waiting) }
            for fallen in change.fallen { wake(fallen) }
        }
        if readers.contains(where: { $0.needs.all == .max }) { readers.removeAll { $0.needs.all == .max } }
        // Only after `publish`, which may let connections of this loop continue: the loop learns of that now.
        loops[loop].hasUncollectedDecisions = false
        var collection = Collection()
        swap(&collection.wakes, &loops[loop].wakes)
        swap(&collection.mayContinue, &loops[loop].mayContinue)
        collection.memory = memoryLevel
        collection.isClosed = isClosed
        if collection.memory == .exhausted {
            let worst = loops.lazy.map(\.victim).max() ?? 0
            collection.mustDisconnect = worst > 0 && report.victim == worst
        }
        return collection
    }

    private mutating func take(_ report: inout LoopReport, from loop: Int) {
        pendingBytes += report.pendingBytes - loops[loop].pendingBytes
        loops[loop].pendingBytes = report.pendingBytes
        loops[loop].victim = report.victim
        for (number, sender) in report.delivered {
            let receiver = ConnectionID(loop: loop, number: number)
            accounts[receiver]?.messages.release(sender.size, from: sender.group)
        }
        for number in report.tried {
            let receiver = ConnectionID(loop: loop, number: number)
            accounts[receiver]?.messages.noteTried(upTo: loops[loop].collections)
            for waiting in accounts[receiver]?.waiting ?? LoopSet() { letContinue(waiting) }
            accounts[receiver]?.waiting = LoopSet()
        }
        if !report.delivered.isEmpty { report.delivered.removeAll(keepingCapacity: true) }
        if !report.tried.isEmpty { report.tried.removeAll(keepingCapacity: true) }
    }

    private var memoryLevel: MemoryBudget.Level {
        memory.level(used: memoryInUse)
    }

    /// In bytes.
    var memoryInUse: Int { pendingBytes + rooms.reduce(0) { $0 + $1.size } }

    func end(of room: RoomID?) -> Int { room.map { rooms[$0.index].end } ?? 0 }

    mutating func add(_ kind: Effects.Entry.Kind, to connection: ConnectionID, at position: Int) {
        loops[connection.loop].effects.add(kind, of: connection.number, at: position)
        wake(connection.loop)
    }

    private mutating func letContinue(_ loop: Int) {
        loops[loop].mayContinue = true
        wake(loop)
    }

    private mutating func wake(_ loop: Int) {
        guard !loops[loop].hasUncollectedDecisions else { return }
        loops[loop].hasUncollectedDecisions = true
        if decider != loop { loops[decider].wakes.insert(loop) }
    }
}
