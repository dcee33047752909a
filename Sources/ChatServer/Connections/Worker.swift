import ChatProtocol
package import ChatState
import ChatTransport
import DequeModule
package import EventLoop
import FlowControl
package import Logging
import Synchronization

/// Serves the connections of one event loop, and carries out on them what the order decides. Confined to that loop.
package final class Worker: EventLoopWork {
    package let loop: EventLoop
    let order: LocalOrder
    let limits: Limits
    let logger: Logger
    let index: Int
    private let admission: Admission
    private let handles: [WorkerHandle]
    private var connections: [UInt64: Connection] = [:]
    private var readQueues = ReadQueues()
    private var rooms = Rooms()
    private var writers = Writers()
    private var arrivals = Arrivals()
    /// Connections that are about to move, and the loops that they move to.
    private var moving: [(connection: Connection, home: Int)] = []
    private var buffer = [UInt8](repeating: 0, count: Record.maximumSize)
    private var effects = Effects()
    /// What the order is told at the next collection.
    var report = LoopReport()
    /// How scarce memory is.
    private(set) var memory = MemoryBudget.Level.normal
    /// Something was decided here, or is to be told, and the order was not asked since.
    private var needsCollection = false
    private(set) var isShuttingDown = false
    private(set) var turnNumber: UInt64 = 0

    /// A worker for the calling thread.
    package convenience init(
        index: Int, of handles: [WorkerHandle], order: LocalOrder, admission: Admission,
        configuration: ServerConfiguration, logger: Logger
    ) throws(SystemCallError) {
        let loop = try EventLoop(poller: configuration.poller, wakeup: handles[index].mailbox.wakeup)
        self.init(
            index: index, of: handles, on: loop, order: order, admission: admission, limits: configuration.limits,
            logger: logger)
    }

    /// A worker on a loop of the calling thread.
    package init(
        index: Int, of handles: [WorkerHandle], on loop: EventLoop, order: LocalOrder, admission: Admission,
        limits: Limits, logger: Logger
    ) {
        self.index = index
        self.handles = handles
        self.loop = loop
        self.order = order
        self.limits = limits
        self.admission = admission
        self.logger = logger
    }

    /// Whether the server has been shut down and all connections have ended.
    var isDone: Bool { isShuttingDown && connections.isEmpty && handles[index].closeIfUnused() }

    package var hasWork: Bool {
        needsCollection || !readQueues.isEmpty || !writers.isEmpty || rooms.needSweep || arrivals.hasWork
            || !moving.isEmpty
    }

    package var nextWork: Instant? { connections.isEmpty ? nil : arrivals.nextLook }

    package func turn() {
        turnNumber &+= 1
        for message in handles[index].mailbox.takeAll() {
            switch message {
            case .accepted(let accepted): admit(accepted)
            case .moved(let moved): adopt(moved.connection)
            }
        }
        read()
        collect()
        write()
        handOver()
        serveArrivals()
        lookAfterPeers()
    }

    // MARK: Connections

    /// Accepts connections, for all workers, until the server is shut down.
    func accept(on listeners: [BoundListener], with acceptor: Acceptor) throws(SystemCallError) {
        for bound in listeners {
            for socket in bound.sockets {
                arrivals.listeners.append(try Listener(socket, of: bound, acceptor: acceptor, on: self))
            }
        }
    }

    /// Begins to serve a connection.
    package func admit(_ accepted: AcceptedConnection) {
        let connection = Connection(accepted, token: loop.makeToken(descriptor: accepted.descriptor), on: self)
        guard add(connection) else { return release(connection) }
        connection.begin()
        if isShuttingDown { connection.shutDown() }
    }

    /// Goes on to serve a connection that another worker has served.
    private func adopt(_ connection: Connection) {
        connection.adopt(by: self, token: loop.makeToken(descriptor: connection.accepted.descriptor))
        guard add(connection) else { return connection.close() }
        connection.updateDeadline()
        connection.queueFlush()
        queueReader(connection)
        if isShuttingDown { connection.shutDown() }
    }

    private func add(_ connection: Connection) -> Bool {
        do {
            try loop.add(connection, .readable, token: connection.token)
            connections[connection.accepted.serial] = connection
            return true
        } catch {
            connection.log(.error, "cannot watch a connection", ["error": "\(error)"])
            return false
        }
    }

    /// Lets go of a connection that is closed.
    func forget(_ connection: Connection) {
        removeLagging(connection)
        account(connection)
        rooms.remove(connection)
        readQueues.forget(connection)
        if connection.places.isCounted { handles[index].memberCount.subtract(1, ordering: .relaxed) }
        loop.remove(connection.token)
        connections[connection.accepted.serial] = nil
        release(connection)
        needsCollection = true
    }

    private func release(_ connection: Connection) {
        admission.leave(connection.accepted.group, wasRejected: connection.accepted.rejection != nil)
        handles[index].release()
    }

    private func shutDown() {
        isShuttingDown = true
        arrivals.stopListening()
        for connection in connections.values { connection.shutDown() }
    }

    // MARK: Reading

    /// Has a connection's input read when its turn comes.
    func queueReader(_ connection: Connection) {
        readQueues.append(connection, in: turnNumber)
    }

    /// Serves users, and then connections before their LOGIN, each as long as a turn allows.
    private func read() {
        guard !readQueues.isEmpty else { return }
        // Taken out for the calls: otherwise the runtime would watch over every access to it.
        var buffer: [UInt8] = []
        swap(&buffer, &self.buffer)
        defer { swap(&buffer, &self.buffer) }
        read(through: &buffer, budget: Cost.readBudget) { $0.popUser() }
        read(through: &buffer, budget: Cost.unauthenticatedBudget) { $0.popUnauthenticated() }
    }

    private func read(through buffer: inout [UInt8], budget: Int, _ next: (inout ReadQueues) -> Connection?) {
        var spent = 0
        // Costs are estimates: what takes much longer than it should ends the turn as well.
        let end = loop.currentTime + .nanoseconds(2 * budget)
        while spent < budget, let connection = next(&readQueues) {
            guard connection.isReadable else { continue }
            // A user who is alone need not stop for others.
            let isAlone = connection.user != nil && readQueues.hasNoUser
            let (cost, hasMore) = connection.read(
                through: &buffer, allowance: isAlone ? budget - spent : connection.schedule.allowance)
            spent += cost
            readQueues.charge(connection, cost, hasMore: hasMore, in: turnNumber)
            if spent > Cost.quantum, loop.currentTime > end { break }
        }
    }

    /// A buffer for input that is not looked at.
    func withBuffer<Result>(_ body: (inout [UInt8]) -> Result) -> Result {
        var buffer: [UInt8] = []
        swap(&buffer, &self.buffer)
        defer { swap(&buffer, &self.buffer) }
        return body(&buffer)
    }

    // MARK: The order

    /// Takes what the order has decided, and carries it out.
    private func collect() {
        rooms.updateNeeds()
        report.victim = memory == .exhausted ? victim?.score ?? 0 : 0
        needsCollection = false
        var effects = Effects()
        swap(&effects, &self.effects)
        let collection = order.collect(for: index, into: &effects, &rooms.readers, &report)
        for loop in collection.wakes { handles[loop].mailbox.wakeup.wake() }
        memory = collection.memory
        if collection.mayContinue { readQueues.resumeWaiting(in: turnNumber) }
        rooms.update()
        if !effects.isEmpty {
            for entry in effects.entries { carryOut(entry, effects.bytes.span) }
            let isLast = effects.isLast
            effects.reset()
            if isLast { shutDown() }
        }
        self.effects = effects
        if collection.mustDisconnect, let victim, victim.score > 0 { disconnect(victim.connection) }
        for connection in rooms.receiversThatLostLines() where connection.output.hasLostLines { disconnect(connection) }
        rooms.releaseDropped()
    }

    private func disconnect(_ connection: Connection) {
        connection.disconnectSlowConsumer()
        account(connection)
        needsCollection = true
    }

    private func carryOut(_ entry: Effects.Entry, _ bytes: Span<UInt8>) {
        guard let connection = connections[entry.connection] else { return }
        connection.output.apply(entry, bytes, rooms.readers)
        switch entry.kind {
        case .reply(let range): connection.input.noteReply(bytes: range.count)
        case .list: connection.input.noteList()
        case .direct: connection.places.hasUntriedMessages = true
        case .entered(let room): rooms.add(connection, to: room, from: entry.position)
        case .left: rooms.remove(connection)
        case .expelled:
            rooms.remove(connection)
            connection.expel()
        }
        connection.queueFlush()
    }

    /// The next piece of a list, for which the connection pays.
    func produce(_ list: inout UserList, for connection: Connection) -> [UInt8] {
        let piece = order.produce(&list, limit: PendingLimits.listPiece)
        readQueues.charge(connection, Cost.reply(bytes: piece.count), hasMore: false, in: turnNumber)
        return piece
    }

    /// While memory is exhausted: the connection that is disconnected first. One that has acknowledged nothing for a minute
    /// comes before all others, then the one with the most pending output.
    private var victim: (connection: Connection, score: Int)? {
        let now = loop.now.nanoseconds
        func score(_ connection: Connection) -> Int {
            let hasStalled = connection.lag.map { $0.health.lastProgress + .seconds(60) < now } ?? false
            return connection.pendingSize + (hasStalled ? 1 << 40 : 0)
        }
        return connections.values.map { ($0, score($0)) }.max { $0.1 < $1.1 }
    }

    /// What a connection takes of the server's memory may have changed.
    func account(_ connection: Connection) {
        let size = connection.life.state == .closed ? 0 : connection.pendingSize
        report.pendingBytes += size - connection.places.accountedSize
        connection.places.accountedSize = size
    }

    // MARK: Writing

    /// Has a connection's pending output sent in this turn, or in one soon.
    func queueFlush(_ connection: Connection) {
        writers.append(connection)
    }

    /// What lagging receivers need of logs has changed.
    func noteNeeds() {
        rooms.haveNeedsChanged = true
        if rooms.mustPublish { needsCollection = true }
    }

    func addLagging(_ connection: Connection) {
        rooms.addLagging(connection)
    }

    func removeLagging(_ connection: Connection) {
        rooms.removeLagging(connection)
    }

    private func write() {
        flush(writers.promptCount) { $0.popPrompt() }
        flush(writers.laggingCount) { $0.popLagging() }
        rooms.sweep(on: loop)
        // What they need is to be known before the order is asked again.
        for connection in writers.prompt where connection.lag == nil { connection.updateLag() }
        if !report.tried.isEmpty || rooms.mustPublish { needsCollection = true }
    }

    /// Each of so many connections once, as long as a turn allows.
    private func flush(_ count: Int, _ next: (inout Writers) -> Connection?) {
        guard count > 0 else { return }
        // Taken out for the calls: otherwise the runtime would watch over every access to it.
        var scratch: [UInt8] = []
        swap(&scratch, &writers.scratch)
        defer { swap(&scratch, &writers.scratch) }
        let end = loop.currentTime + Writers.share
        for visit in 1...count {
            guard let connection = next(&writers) else { return }
            connection.flush(through: &scratch)
            if visit & 7 == 0, loop.currentTime >= end { return }
        }
    }

    // MARK: Placement

    /// Counts a connection that is about to log in where its room's members are. Returns whether it moves there first.
    func placeMember(_ connection: Connection) -> Bool {
        let home = Placement.home(members: handles.map { $0.memberCount.load(ordering: .relaxed) })
        guard home != index, !isShuttingDown, handles[home].reserve() else {
            handles[index].memberCount.add(1, ordering: .relaxed)
            return false
        }
        handles[home].memberCount.add(1, ordering: .relaxed)
        moving.append((connection, home))
        return true
    }

    /// Moves connections, once everything that was decided for them here has reached their output.
    private func handOver() {
        guard !moving.isEmpty else { return }
        var staying: [(connection: Connection, home: Int)] = []
        for (connection, home) in moving {
            guard connection.life.state == .open, !isShuttingDown else {
                handles[home].memberCount.subtract(1, ordering: .relaxed)
                handles[home].release()
                handles[index].memberCount.add(1, ordering: .relaxed)
                continue
            }
            guard !connection.places.isQueuedToFlush else {
                staying.append((connection, home))
                continue
            }
            removeLagging(connection)
            connection.lag = nil
            report.pendingBytes -= connection.places.accountedSize
            connection.places.accountedSize = 0
            loop.remove(connection.token)
            connections[connection.accepted.serial] = nil
            handles[index].release()
            handles[home].mailbox.post(.moved(MovedConnection(connection: connection)))
        }
        moving = staying
    }

    // MARK: Arrivals

    /// A handshake can continue.
    func queueHandshake(_ connection: Connection) {
        guard !connection.life.isQueued else { return }
        connection.life.isQueued = true
        handles[index].pendingHandshakes.add(1, ordering: .relaxed)
        arrivals.handshakes.append(connection, of: connection.accepted.group)
        connection.updateInterest()
    }

    /// Connections wait on a listener.
    func queueListener(_ listener: Listener) {
        arrivals.readyListeners.append(listener)
    }

    private func serveArrivals() {
        guard arrivals.hasWork else { return }
        for listener in arrivals.takeListeners() { listener.acceptSome() }
        let end = loop.currentTime + Arrivals.share
        while let connection = arrivals.handshakes.popFirst() {
            connection.life.isQueued = false
            handles[index].pendingHandshakes.subtract(1, ordering: .relaxed)
            connection.establish()
            if loop.currentTime >= end { break }
        }
    }

    /// Closes connections whose peers have vanished.
    private func lookAfterPeers() {
        for number in arrivals.peersToLookAt(at: loop.now, all: connections.keys) {
            guard let connection = connections[number],
                let acknowledgement = connection.transport.acknowledgement,
                connection.vigil.hasVanished(acknowledgement, at: loop.now.nanoseconds)
            else { continue }
            connection.log(.info, "peer vanished, closing", ["reason": "unacknowledged"])
            connection.close()
        }
    }
}
