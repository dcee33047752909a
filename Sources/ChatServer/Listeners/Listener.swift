import ChatTransport
import EventLoop
import Logging

/// A socket that connections come in on. Confined to the event loop of its worker.
final class Listener: EventSource {
    /// Connections accepted in one turn: strangers get what is left of it.
    private static let acceptsPerTurn = 64
    /// How long accepting pauses when it has failed, such as for lack of a descriptor: it would only fail again.
    private static let pause = Duration.milliseconds(100)

    let isEstablished = false

    private let socket: Socket
    private let bound: BoundListener
    private let acceptor: Acceptor
    /// The owner of this listener.
    private unowned let worker: Worker
    private let token: Token
    /// Has complained that it cannot accept, and not said yet that it can again.
    private var hasComplained = false
    private var complaints = LogThrottle()

    init(_ socket: Socket, of bound: BoundListener, acceptor: Acceptor, on worker: Worker) throws(SystemCallError) {
        self.socket = socket
        self.bound = bound
        self.acceptor = acceptor
        self.worker = worker
        token = worker.loop.makeToken(descriptor: socket.descriptor)
        try worker.loop.add(self, .readable, token: token)
    }

    func ready() {
        do {
            for _ in 0..<Self.acceptsPerTurn {
                guard let (accepted, peer) = try socket.accept() else { break }
                acceptor.accept(accepted, from: peer, on: bound, by: worker)
            }
            if hasComplained {
                hasComplained = false
                worker.logger.notice("accepting again", metadata: ["listener": "\(bound.url)"])
            }
        } catch {
            pause(for: error)
        }
    }

    func deadlinePassed() {
        do {
            // What has failed may have ended the listening.
            try socket.listen()
            try worker.loop.setInterest(.readable, of: token)
        } catch {
            pause(for: error)
        }
    }

    func stop() {
        worker.loop.remove(token)
        socket.stopListening()
    }

    private func pause(for error: SystemCallError) {
        if !hasComplained, complaints.passes(at: worker.loop.now) {
            hasComplained = true
            worker.logger.error("cannot accept", metadata: ["listener": "\(bound.url)", "error": "\(error)"])
        }
        // To watch nothing does not fail.
        try? worker.loop.setInterest([], of: token)
        worker.loop.setDeadline(worker.loop.now + Self.pause, of: token)
    }
}
