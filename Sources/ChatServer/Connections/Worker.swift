import ChatProtocol
package import ChatRoom
import ChatTransport
package import EventLoop
package import Logging
import Synchronization

/// Serves the connections of one event loop, and carries out on them what the room decides. Confined to that loop.
package final class Worker: EventLoopWork {
    private static let readSize = Record.maximumSize
    private static let totalBudget = 256 << 10

    package let loop: EventLoop
    let room: Room
    let limits: Limits
    let admission: Admission
    let logger: Logger
    let index: Int
    let handles: [WorkerHandle]
    /// What the lines read in one turn may lead to, in bytes for each receiver, before everybody's output has its turn.
    let turnBudget: Int
    private var connections: [UInt64: Connection] = [:]
    /// Who gets each turn's log at once.
    private var members = MemberList()
    /// Who is behind, and gets it from the shared one.
    private var laggards = MemberList()
    private(set) var sharedLog = SharedLog()
    /// Connections with input to be read, in the order in which their turn comes.
    var readers: [Connection] = []
    /// Memory for the readers of a turn.
    var spareReaders: [Connection] = []
    /// Connections to be flushed and, where they have ended, closed.
    private var unsettled: [Connection] = []
    var buffer = [UInt8](repeating: 0, count: readSize)
    private var dispatch = Dispatch()
    private var listeners: [Listener] = []
    /// Another loop is behind with what the room has decided for it.
    private(set) var isAhead = false
    var fairShare: FairShare
    /// Connections of those who flood, which wait until others had their share.
    var floods: [Connection] = []
    private var queues: QueueAccount
    /// Something was decided here that this loop has not collected yet.
    private var hasDecided = false
    private(set) var isShuttingDown = false

    package init(
        index: Int, of handles: [WorkerHandle], room: Room, admission: Admission, configuration: ServerConfiguration,
        logger: Logger
    ) throws(SystemCallError) {
        self.index = index
        self.handles = handles
        self.room = room
        self.limits = configuration.limits
        self.admission = admission
        self.logger = logger
        // Each receiver gets what all loops decide.
        turnBudget = max(Self.totalBudget / handles.count, Self.readSize)
        fairShare = FairShare(most: max(turnBudget / 4, FairShare.least))
        queues = QueueAccount(limit: limits.totalSendQueue / handles.count)
        loop = try EventLoop(poller: configuration.poller, wakeup: handles[index].mailbox.wakeup)
    }

    /// Whether the server has been shut down and everybody is gone.
    var isDone: Bool { isShuttingDown && connections.isEmpty }

    package var hasWork: Bool {
        !unsettled.isEmpty || hasDecided || !readers.isEmpty && hold < .everybody || !floods.isEmpty && floodsMayGo
    }

    package var nextWork: Instant? {
        guard !floods.isEmpty else { return nil }
        return switch hold {
        case .nobody: fairShare.floodsResume
        case .floods: fairShare.floodsOverdue
        case .everybody: nil
        }
    }

    package func turn() {
        for newcomer in handles[index].mailbox.takeAll() { admit(newcomer) }
        read()
        deliver()
        fairShare.endTurn(begunAt: loop.now, now: .now)
    }

    /// Accepts connections, for all workers, until the server is shut down.
    func accept(on listeners: [BoundListener], with acceptor: Acceptor) throws(SystemCallError) {
        for bound in listeners {
            for socket in bound.sockets {
                self.listeners.append(try Listener(socket, of: bound, acceptor: acceptor, on: self))
            }
        }
    }

    /// Begins to serve a connection.
    package func admit(_ newcomer: Newcomer) {
        let token = loop.makeToken(descriptor: newcomer.socket.descriptor)
        let connection = Connection(newcomer, token: token, on: self)
        do {
            try loop.add(connection, .readable, token: token)
            connections[newcomer.serial] = connection
            connection.begin()
            if isShuttingDown { connection.shutDown() }
        } catch {
            release(newcomer.peer, wasRefused: newcomer.refusal != nil)
            logger.error("cannot watch a connection", metadata: ["error": "\(error)", "peer": "\(newcomer.peer)"])
        }
    }

    /// Has a connection flushed with this turn's output.
    func queueSettling(_ connection: Connection) {
        unsettled.append(connection)
    }

    /// A connection's queue takes so many bytes more, or less.
    func account(_ growth: Int) {
        queues.grow(by: growth)
    }

    /// A receiver holds up others than before.
    func noteHold(_ new: Hold, insteadOf old: Hold) {
        guard new != old else { return }
        queues.note(new, insteadOf: old)
        let before = handles[index].hold.exchange(queues.hold.rawValue, ordering: .relaxed)
        if queues.hold.rawValue < before { wakeOthers() }
    }

    /// Where all queues together take too much, has the slowest receivers go.
    func makeRoom() {
        guard queues.isFull else { return }
        let receivers = connections.values.compactMap { connection in
            connection.settledAccount().map { (connection, isSmall: !connection.givesRoom, paidUntil: $0) }
        }
        // Those last whose going makes no room.
        let slowestFirst = receivers.sorted {
            $0.isSmall == $1.isSmall ? $0.paidUntil < $1.paidUntil : $1.isSmall
        }
        for (connection, _, _) in slowestFirst {
            guard !queues.hasRoom else { break }
            connection.cutOff()
        }
        hasDecided = true
    }

    private func wakeOthers() {
        for loop in handles.indices where loop != index { handles[loop].mailbox.wakeup.wake() }
    }

    /// Forgets a connection that is closed.
    func forget(_ connection: Connection) {
        connections[connection.serial] = nil
        removeMember(connection)
        release(connection.peer, wasRefused: connection.refusal != nil)
        hasDecided = true
    }

    private func release(_ peer: SocketAddress, wasRefused: Bool) {
        admission.leave(peer, wasRefused: wasRefused)
        handles[index].connectionCount.subtract(1, ordering: .relaxed)
    }

    /// Carries out what the room has decided, with one write for each connection.
    private func deliver() {
        var dispatch = Dispatch()
        swap(&dispatch, &self.dispatch)
        hasDecided = false
        let backlog = room.collect(for: index, into: &dispatch)
        let mayBeWaitedFor = dispatch.size > Self.totalBudget
        for loop in handles.indices where loop != index && (mayBeWaitedFor || backlog.loops.contains(loop)) {
            handles[loop].mailbox.wakeup.wake()
        }
        isAhead = backlog.largest > Self.totalBudget
        if !dispatch.isEmpty {
            carryOut(dispatch)
            dispatch.reset()
        }
        self.dispatch = dispatch
        settle()
    }

    private func carryOut(_ dispatch: borrowing Dispatch) {
        let log = dispatch.log.span
        let position = sharedLog.end
        if !laggards.isEmpty { sharedLog.append(log) }
        for entry in dispatch.entries {
            guard let connection = connections[entry.connection] else { continue }
            if connection.membership != nil {
                connection.owe(log, upTo: entry.position, which: position + entry.position)
            }
            switch entry.kind {
            case .reply(let lines): connection.enqueue(dispatch.replies.span.extracting(lines))
            case .joined: addMember(connection, owedFrom: entry.position)
            case .left: removeMember(connection)
            case .expelled(let line):
                connection.enqueue(dispatch.replies.span.extracting(line))
                removeMember(connection)
                connection.expel()
            }
        }
        if log.count > 0 {
            // No connection ends meanwhile: where it has to, `send` queues it.
            for member in members.connections { member._withUnsafeGuaranteedRef { $0.send(log) } }
            watchLaggards()
        }
        if dispatch.isLast { shutDown() }
    }

    /// Sees for which of those who lag it makes a difference that more waits now, and what none of them needs any more.
    private func watchLaggards() {
        var firstNeeded = sharedLog.end
        for laggard in laggards.connections {
            laggard._withUnsafeGuaranteedRef { laggard in
                if laggard.nextCheck <= sharedLog.end { laggard.queueToSettle() }
                firstNeeded = min(firstNeeded, laggard.outbox.firstShared ?? firstNeeded)
            }
        }
        sharedLog.trim(to: firstNeeded)
    }

    /// A member cannot be sent to at once: from this turn's end on it gets what members get from the shared log.
    func fallBehind(_ connection: Connection) {
        members.remove(connection)
        connection.isLagging = true
        connection.withOutbox { $0.follow(from: sharedLog.end) }
        laggards.add(connection)
    }

    /// Nothing waits any more for one that lagged.
    func catchUp(_ connection: Connection) {
        laggards.remove(connection)
        connection.isLagging = false
        connection.withOutbox { $0.unfollow(sharedLog) }
        members.add(connection)
    }

    private func settle() {
        var settling: [Connection] = []
        swap(&settling, &unsettled)
        for connection in settling { connection.settle() }
    }

    private func shutDown() {
        isShuttingDown = true
        for listener in listeners { listener.stop() }
        listeners = []
        for connection in connections.values { connection.shutDown() }
    }

    private func addMember(_ connection: Connection, owedFrom position: Int) {
        connection.owedFrom = position
        members.add(connection)
    }

    private func removeMember(_ connection: Connection) {
        connection.owedFrom = 0
        if connection.isLagging {
            laggards.remove(connection)
            connection.isLagging = false
            connection.withOutbox { $0.unfollow(sharedLog) }
        } else {
            members.remove(connection)
        }
    }
}
