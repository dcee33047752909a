import ChatProtocol
import EventLoop
import FlowControl
import Logging
import Synchronization

/// Gives each accepted connection to a worker. Confined to the event loop that accepts.
final class Acceptor {
    /// What a handshake takes of an event loop's time while others need it too, at most.
    private static let handshakeTime = Duration.microseconds(2_000)

    private let handles: [WorkerHandle]
    private let admission: Admission
    private let exempt: [Network]
    /// How many handshakes may wait for their event loops before no more connections are accepted.
    private let maximumPendingHandshakes: Int
    private var serial: UInt64 = 0
    private var warnings = LogThrottle()

    init(_ handles: [WorkerHandle], admission: Admission, limits: Limits) {
        self.handles = handles
        self.admission = admission
        exempt = limits.exempt
        // As many as can be done in half of their time: the others wait in the kernel's queue, where they lose none.
        let inTime = Int(clamping: Int64(limits.handshakeTimeout / 2 / Self.handshakeTime)) * handles.count
        maximumPendingHandshakes = max(min(limits.handshakes, inTime), 1)
    }

    /// Whether connections have to wait in the kernel's queue.
    var isSaturated: Bool {
        handles.reduce(0) { $0 + $1.pendingHandshakes.load(ordering: .relaxed) } >= maximumPendingHandshakes
    }

    /// Has the worker with the fewest connections serve this one.
    func accept(_ socket: Socket, from peer: SocketAddress, on listener: BoundListener, by worker: Worker) {
        serial += 1
        let group = group(of: peer)
        let verdict = admission.admit(group, at: worker.loop.now)
        if verdict != .admitted, warnings.passes(at: worker.loop.now) {
            worker.logger.notice(
                "rejects connections",
                metadata: ["listener": "\(listener.url)", "peer": "\(peer)", "error": "\(verdict)"])
        }
        let rejection: ProtocolError?
        switch verdict {
        case .admitted: rejection = nil
        case .rejected(let reason): rejection = reason
        case .ignored: return
        }
        let origin = Origin(
            serial: serial, descriptor: socket.descriptor, peer: peer, group: group,
            transportKind: listener.transport.kind, rejection: rejection)
        let makeTransport = listener.transport.makeTransport
        var (home, fewest) = (worker.index, Int.max)
        for (index, handle) in handles.enumerated() where handle.load < fewest {
            (home, fewest) = (index, handle.load)
        }
        guard handles[home].reserve() else { return admission.leave(group, wasRejected: rejection != nil) }
        if home == worker.index {
            worker.admit(origin, makeTransport(socket))
        } else {
            handles[home].mailbox.post(.accepted(origin) { makeTransport(socket) })
        }
    }

    private func group(of peer: SocketAddress) -> PeerGroup {
        guard let block = peer.block, !exempt.contains(where: { $0.contains(peer) }) else { return .connection(serial) }
        return .address(family: block.family, bits: block.bits)
    }
}
