package import ChatState
package import ChatTransport
import DequeModule
package import EventLoop
import FlowControl
package import Logging

/// Serves the connections of one event loop, and carries out the order's decisions for them. Confined to that loop.
package final class Worker: EventLoopWork {
    package let loop: EventLoop
    let order: LocalOrder
    let limits: Limits
    let logger: Logger
    let index: Int
    private let admission: Admission
    // Not checked for overlapping accesses, which would be a third of a line's cost. All parts are confined to the loop's
    // thread. A part that calls out while it changes is not called back, only other parts are: `sweep` calls connections,
    // which change `writers`; `handOver` calls the worker, which changes `rooms`, `collector` and `connections`.
    @exclusivity(unchecked) private var connections = ConnectionTable()
    @exclusivity(unchecked) var readQueues = ReadQueues()
    @exclusivity(unchecked) var writers = Writers()
    @exclusivity(unchecked) var rooms = Rooms()
    @exclusivity(unchecked) var arrivals: Arrivals
    @exclusivity(unchecked) var collector: Collector
    @exclusivity(unchecked) var pool: WorkerPool

    /// A worker on a loop of the calling thread.
    package init(
        index: Int, of handles: [WorkerHandle], on loop: EventLoop, order: LocalOrder, admission: Admission,
        limits: Limits, logger: Logger
    ) {
        self.index = index
        self.loop = loop
        self.order = order
        self.limits = limits
        self.admission = admission
        self.logger = logger
        arrivals = Arrivals(handles[index])
        collector = Collector(order, index: index)
        pool = WorkerPool(handles, index: index)
    }

    var isShuttingDown: Bool { collector.isClosed }

    /// Whether the server has been shut down and all connections have ended.
    var isDone: Bool { isShuttingDown && connections.isEmpty && pool.own.closeIfUnused() }

    package var hasWork: Bool {
        collector.isDue || !readQueues.isEmpty || !writers.isEmpty || rooms.haveWork || !arrivals.isEmpty
            || pool.hasMovers || connections.hasChecks
    }

    package var nextWork: Instant? { connections.nextCheck }

    package func turn() {
        readQueues.beginTurn()
        for message in pool.own.mailbox.takeAll() {
            switch message {
            case .accepted(let origin, let makeTransport): admit(origin, makeTransport())
            case .moved(let moved): adopt(moved.connection)
            }
        }
        read()
        collect()
        write()
        handOver()
        serveArrivals()
        closeVanished()
    }

    // MARK: Connections

    /// Accepts connections, for all workers, until the server is shut down.
    func accept(on listeners: [BoundListener], with acceptor: Acceptor) throws(SystemCallError) {
        for bound in listeners {
            for socket in bound.sockets {
                arrivals.add(try Listener(socket, of: bound, acceptor: acceptor, on: self))
            }
        }
    }

    /// Begins to serve a connection, whose transport keeps its descriptor open.
    package func admit(_ origin: Origin, _ transport: any Transport) {
        let connection = Connection(
            origin, transport, token: loop.makeToken(descriptor: origin.descriptor), on: self)
        guard add(connection) else { return release(connection) }
        connection.begin()
        if isShuttingDown { connection.shutDown() }
    }

    /// Takes over a connection from another worker.
    private func adopt(_ connection: Connection) {
        connection.adopt(by: self, token: loop.makeToken(descriptor: connection.origin.descriptor))
        guard add(connection) else { return connection.close() }
        connection.updateDeadline()
        connection.queueFlush()
        readQueues.append(connection)
        if isShuttingDown { connection.shutDown() }
    }

    private func add(_ connection: Connection) -> Bool {
        do {
            try loop.add(connection, .readable, token: connection.token)
            connections.add(connection)
            return true
        } catch {
            connection.log(.error, "cannot watch a connection", ["error": "\(error)"])
            return false
        }
    }

    /// Releases a closed connection.
    func forget(_ connection: Connection) {
        readQueues.forget(connection)
        detach(connection)
        release(connection)
        collector.requestCollection()
    }

    private func detach(_ connection: Connection) {
        rooms.remove(connection)
        rooms.removeLagging(connection)
        collector.account(connection, size: 0)
        loop.remove(connection.token)
        connections.remove(connection)
    }

    private func release(_ connection: Connection) {
        admission.leave(connection.origin.group, wasRejected: connection.origin.rejection != nil)
        pool.release(connection)
    }

    private func shutDown() {
        arrivals.stopListening()
        for connection in connections.all { connection.shutDown() }
    }

    /// Moves connections, once everything that was decided for them here has reached their output.
    private func handOver() {
        guard pool.hasMovers else { return }
        pool.handOver { connection in
            guard connection.life.state == .open, !isShuttingDown else { return nil }
            guard !connection.places.writer.isQueued else { return false }
            connection.outbound.endLag()
            detach(connection)
            return true
        }
    }

    private func closeVanished() {
        // Much memory that is freed at once leaves holes in the heap. To give them back takes some milliseconds.
        if connections.isRoundDue(at: loop.now), collector.takeFreed() { FreeMemory.release() }
        for connection in connections.takeConnectionsToCheck(at: loop.now) {
            guard let acknowledgement = connection.transport.acknowledgement,
                connection.vigil.hasVanished(acknowledgement, at: loop.now.nanoseconds)
            else { continue }
            connection.log(.info, "peer vanished, closing", ["reason": "unacknowledged"])
            connection.close()
        }
    }

    // MARK: Reading

    /// Reads from users, then from connections before their LOGIN. Each of the two has a budget for a turn.
    private func read() {
        guard !readQueues.isEmpty else { return }
        // Moved out for the calls: otherwise the runtime would check every access for exclusivity.
        var buffer: [UInt8] = []
        swap(&buffer, &readQueues.buffer)
        defer { swap(&buffer, &readQueues.buffer) }
        read(through: &buffer, budget: Cost.readBudget) { $0.popUser() }
        read(through: &buffer, budget: Cost.unauthenticatedBudget) { $0.popUnauthenticated() }
    }

    private func read(through buffer: inout [UInt8], budget: Int, _ next: (inout ReadQueues) -> Connection?) {
        var spent = 0
        // Costs are estimates: reading also ends if it takes much longer than estimated.
        var slice = TimeSlice(.nanoseconds(2 * budget))
        while spent < budget, let connection = next(&readQueues) {
            guard connection.isReadable else { continue }
            // If no other user has input, this user may use the rest of the budget.
            let isAlone = connection.user != nil && readQueues.hasNoUser
            spent += connection.read(
                through: &buffer, allowance: isAlone ? budget - spent : connection.schedule.allowance, isAlone: isAlone)
            if spent > Cost.quantum, slice.isOver(on: loop) { break }
        }
    }

    // MARK: The order

    /// Collects the order's decisions and carries them out.
    private func collect() {
        rooms.updateNeeds()
        let victim = collector.memory == .exhausted ? connections.victim(at: loop.now) : nil
        var (effects, collection) = collector.collect(&rooms.readers, victim: victim?.score ?? 0)
        pool.wake(collection.wakes)
        if collection.mayContinue { readQueues.resumeWaiting() }
        rooms.update()
        for entry in effects.entries { carryOut(entry, effects.bytes.span) }
        let closes = collection.isClosed && !isShuttingDown
        collector.finish(&effects, isClosed: collection.isClosed)
        if closes { shutDown() }
        if collection.mustDisconnect, let victim { disconnect(victim.connection) }
        guard rooms.haveDropped else { return }
        for connection in rooms.receiversOfDropped() where connection.outbound.output.hasLostLines {
            disconnect(connection)
        }
        rooms.releaseDropped()
    }

    private func disconnect(_ connection: Connection) {
        connection.disconnectSlowConsumer()
        collector.requestCollection()
    }

    private func carryOut(_ entry: Effects.Entry, _ bytes: Span<UInt8>) {
        guard let connection = connections[entry.connection] else { return }
        connection.outbound.apply(entry, bytes, rooms.readers)
        switch entry.kind {
        case .reply, .users, .list: connection.inbound.noteReplies()
        case .direct: break
        case .entered(let room): rooms.add(connection, to: room, from: entry.position)
        case .left(let isExpelled):
            rooms.remove(connection)
            if isExpelled { connection.expel() }
        }
        connection.queueFlush()
    }

    /// Returns the next piece of a list, and charges its cost to the connection.
    func produce(_ list: inout UserList, for connection: Connection) -> [UInt8] {
        let piece = order.produce(&list, limit: PendingLimits.listPiece)
        readQueues.charge(connection, Cost.reply(bytes: piece.count))
        return piece
    }

    // MARK: Writing

    private func write() {
        flush(writers.upToDate.count, lagging: false)
        flush(writers.lagging.count, lagging: true)
        rooms.sweep(on: loop)
        guard !writers.upToDate.isEmpty else { return }
        // Their needs have to be known before the next collection.
        for connection in writers.upToDate where connection.outbound.lag == nil { connection.updateLag() }
    }

    /// Flushes each of `count` connections once, until the share of a turn for them is used.
    private func flush(_ count: Int, lagging: Bool) {
        guard count > 0 else { return }
        // Moved out for the calls: otherwise the runtime would check every access for exclusivity.
        var scratch: [UInt8] = []
        swap(&scratch, &writers.scratch)
        defer { swap(&scratch, &writers.scratch) }
        var slice = TimeSlice(Writers.share)
        for visit in 1...count {
            guard let connection = writers.pop(lagging: lagging) else { return }
            connection.flush(through: &scratch)
            if visit & 7 == 0, slice.isOver(on: loop) { return }
        }
    }

    // MARK: Arrivals

    /// Queues a connection whose handshake can continue.
    func queueHandshake(_ connection: Connection) {
        if arrivals.append(connection) { connection.updateInterest() }
    }

    private func serveArrivals() {
        guard !arrivals.isEmpty else { return }
        for listener in arrivals.takeListeners() { listener.acceptSome() }
        var slice = TimeSlice(Arrivals.share)
        while let connection = arrivals.popHandshake() {
            connection.establish()
            if slice.isOver(on: loop) { break }
        }
    }
}
