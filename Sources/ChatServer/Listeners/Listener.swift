import ChatTransport
import EventLoop
import Logging

/// A socket that connections come in on. Confined to the event loop of its worker.
final class Listener: EventSource {
    private static let acceptsPerTurn = 16
    /// How long accepting pauses when it has failed, such as for lack of a descriptor: it would only fail again.
    private static let pauseTime = Duration.milliseconds(100)

    private let socket: Socket
    private let bound: BoundListener
    private let acceptor: Acceptor
    /// The owner of this listener.
    private unowned let worker: Worker
    private let token: Token
    /// The log has a warning that it cannot accept, and not yet that it can again.
    private var hasWarned = false
    private var warnings = LogThrottle()

    init(_ socket: Socket, of bound: BoundListener, acceptor: Acceptor, on worker: Worker) throws(SystemCallError) {
        self.socket = socket
        self.bound = bound
        self.acceptor = acceptor
        self.worker = worker
        token = worker.loop.makeToken(descriptor: socket.descriptor)
        try worker.loop.add(self, .readable, token: token)
    }

    func ready(_ interest: Interest) {
        worker.arrivals.append(self)
    }

    /// Accepts some of the connections that wait, unless so many handshakes wait already that theirs would be late.
    func acceptSome() {
        guard !acceptor.isSaturated else { return pause() }
        do {
            for _ in 0..<Self.acceptsPerTurn {
                guard let (accepted, peer) = try socket.accept() else { break }
                acceptor.accept(accepted, from: peer, on: bound, by: worker)
            }
            if hasWarned {
                hasWarned = false
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
        if !hasWarned, warnings.passes(at: worker.loop.now) {
            hasWarned = true
            worker.logger.error("cannot accept", metadata: ["listener": "\(bound.url)", "error": "\(error)"])
        }
        pause()
    }

    private func pause() {
        // To watch nothing does not fail.
        try? worker.loop.setInterest([], of: token)
        worker.loop.setDeadline(worker.loop.now + Self.pauseTime, of: token)
    }
}
