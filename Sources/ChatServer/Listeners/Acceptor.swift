import ChatProtocol
import EventLoop
import Synchronization

/// Gives each accepted connection to a worker. Confined to the event loop that accepts.
final class Acceptor {
    /// How many connections beyond the limit are told so: each takes a handshake. The others are closed at once.
    private static let refusals = 64

    private let handles: [WorkerHandle]
    private let limits: Limits
    private var serial: UInt64 = 0

    init(_ handles: [WorkerHandle], limits: Limits) {
        self.handles = handles
        self.limits = limits
    }

    /// Has the worker with the fewest connections serve this one: fan-out costs by the connection.
    func accept(_ socket: Socket, from peer: SocketAddress, on listener: BoundListener, by worker: Worker) {
        var total = 0
        var (home, fewest) = (worker.index, Int.max)
        for (index, handle) in handles.enumerated() {
            let count = handle.connectionCount.load(ordering: .relaxed)
            total += count
            if count < fewest { (home, fewest) = (index, count) }
        }
        guard total < limits.connections + Self.refusals else { return }
        serial += 1
        let newcomer = Newcomer(
            serial: serial, socket: socket, peer: peer, transport: listener.transport,
            refusal: total < limits.connections ? nil : .tooManyConnections)
        handles[home].connectionCount.add(1, ordering: .relaxed)
        if home == worker.index {
            worker.admit(newcomer)
        } else {
            handles[home].mailbox.post(newcomer)
        }
    }
}
