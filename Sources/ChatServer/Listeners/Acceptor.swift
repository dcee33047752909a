import EventLoop
import Logging
import Synchronization

/// Gives each accepted connection to a worker. Confined to the event loop that accepts.
final class Acceptor {
    private let handles: [WorkerHandle]
    private let admission: Admission
    private var serial: UInt64 = 0
    private var complaints = LogThrottle()

    init(_ handles: [WorkerHandle], admission: Admission) {
        self.handles = handles
        self.admission = admission
    }

    /// Has the worker with the fewest connections serve this one: fan-out costs by the connection.
    func accept(_ socket: Socket, from peer: SocketAddress, on listener: BoundListener, by worker: Worker) {
        let verdict = admission.admit(peer, at: worker.loop.now)
        if verdict != .admitted, complaints.passes(at: worker.loop.now) {
            worker.logger.notice(
                "turns connections away",
                metadata: ["listener": "\(listener.url)", "peer": "\(peer)", "error": "\(verdict)"])
        }
        guard verdict != .ignored else { return }
        var (home, fewest) = (worker.index, Int.max)
        for (index, handle) in handles.enumerated() {
            let count = handle.connectionCount.load(ordering: .relaxed)
            if count < fewest { (home, fewest) = (index, count) }
        }
        serial += 1
        let newcomer = Newcomer(
            serial: serial, socket: socket, peer: peer, transport: listener.transport, refusal: verdict.reason)
        handles[home].connectionCount.add(1, ordering: .relaxed)
        if home == worker.index {
            worker.admit(newcomer)
        } else {
            handles[home].mailbox.post(newcomer)
        }
    }
}
