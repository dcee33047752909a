import ChatServer
import ChatState
import ChatTransport
import EventLoop
import FlowControl
import HeapModule
import Logging
import TestSupport

/// A server's workers and their clients, in one thread and on one clock. The event that is due first happens next.
///
/// A turn of an event loop takes the time that its operations cost. All others see its effects at one instant.
final class World {
    private struct Event: Comparable {
        let due: Nanoseconds
        let number: Int
        let action: () -> Void

        static func < (left: Self, right: Self) -> Bool { (left.due, left.number) < (right.due, right.number) }

        static func == (left: Self, right: Self) -> Bool { left.number == right.number }
    }

    private struct Loop {
        let worker: Worker
        let poller: SimulatedPoller
        let handle: WorkerHandle
        /// When its last turn ended.
        var time: Nanoseconds
    }

    /// Real descriptors, such as those of wake-ups, are lower.
    private static let firstDescriptor: CInt = 1_000
    /// The time of an idle turn.
    private static let turnPrice: Nanoseconds = 2_000

    /// How often it looks at memory and at stalled receivers.
    private static let checkInterval = Nanoseconds.seconds(1) / 2

    let clock = Clock()
    let limits: Limits
    var random: SplitMix64
    /// The instant from which on delays are measured.
    var measuresFrom: Nanoseconds = 0
    /// Clients send no more lines.
    var isQuiet = false
    private let order: LocalOrder
    private let address: SocketAddress
    private var loops: [Loop] = []
    private var events = Heap<Event>()
    private var eventCount = 0
    private var connections: [SimulatedConnection] = []
    private var peers: [Peer] = []
    private var closedPeers: [Peer] = []
    private(set) var memory: MemoryWatch
    /// Promises that were broken while it ran.
    private(set) var violations: [String] = []

    init(seed: UInt64, loops count: Int, limits: Limits) throws {
        random = SplitMix64(seed: seed)
        memory = MemoryWatch(limits)
        // A simulation does not use the addresses.
        address = try SocketAddress.resolve(host: "127.0.0.1", port: 1)[0]
        self.limits = limits
        order = LocalOrder(loops: count, limits: limits.ofOrder)
        let handles = try (0..<count).map { _ in try WorkerHandle() }
        let admission = Admission(limits)
        for index in 0..<count {
            let wakeup = handles[index].wakeup
            let poller = SimulatedPoller(wakeup) { [unowned self] descriptor in
                let place = Int(descriptor - Self.firstDescriptor)
                return place >= 0 && place < connections.count ? connections[place] : nil
            }
            let loop = try EventLoop(poller: poller, wakeup: wakeup, clock: { [clock] in clock.instant })
            let worker = Worker(
                index: index, of: handles, on: loop, order: order, admission: admission, limits: limits,
                logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() })
            loops.append(Loop(worker: worker, poller: poller, handle: handles[index], time: clock.now))
        }
        look()
    }

    var now: Nanoseconds { clock.now }

    /// Schedules an action.
    func after(_ time: Nanoseconds, _ action: @escaping () -> Void) {
        eventCount += 1
        events.insert(Event(due: now + time, number: eventCount, action: action))
    }

    /// Connects a peer. The loops get connections in turns.
    func connect(_ peer: Peer, group: PeerGroup?, recordSize: Int) {
        let connection = peer.connection
        peers.append(peer)
        let descriptor = Self.firstDescriptor + CInt(connections.count)
        connections.append(connection)
        let serial = UInt64(connections.count)
        let loop = loops[connections.count % loops.count]
        guard loop.handle.reserve() else { return }
        loop.worker.admit(
            Origin(
                serial: serial, descriptor: descriptor, peer: address, group: group ?? .connection(serial),
                transportKind: connection.isTLS ? .tls : .plain),
            SimulatedTransport(connection, clock, recordSize: recordSize))
    }

    func run(until end: Nanoseconds) throws {
        while true {
            let nextEvent = events.min?.due ?? .max
            var next: (time: Nanoseconds, loop: Int) = (.max, 0)
            for index in loops.indices {
                let due = dueTime(of: loops[index])
                if due < next.time { next = (due, index) }
            }
            guard min(nextEvent, next.time) <= end else {
                clock.now = end
                return
            }
            if nextEvent <= next.time {
                guard let event = events.popMin() else { return }
                clock.now = max(event.due, 0)
                event.action()
            } else {
                clock.now = next.time
                try runTurn(of: next.loop)
            }
        }
    }

    private func dueTime(of loop: Loop) -> Nanoseconds {
        if loop.worker.hasWork { return loop.time }
        // The event that made it ready has happened by now.
        if loop.poller.isReady { return max(loop.time, clock.now) }
        let deadline = loop.worker.loop.nextDeadline?.nanoseconds ?? .max
        return max(loop.time, min(deadline, loop.worker.nextWork?.nanoseconds ?? .max))
    }

    private func runTurn(of index: Int) throws {
        try loops[index].worker.loop.runTurn(loops[index].worker)
        clock.advance(Self.turnPrice)
        loops[index].time = clock.now
        memory.note(accounted: order.memoryInUse)
    }

    private func look() {
        let split = peers.partition { $0.connection.closedAt != nil }
        closedPeers += peers[split...]
        peers.removeSubrange(split...)
        memory.look(at: peers, closed: closedPeers) { violations.append($0) }
        for peer in peers where peer.connection.hasStalled(at: now, limits) {
            violations.append("\(peer.name) acknowledges nothing, and is still connected")
        }
        after(Self.checkInterval) { [unowned self] in look() }
    }
}
