import ChatProtocol
import ChatRoom
import ChatTransport
import EventLoop
import Logging

/// How a connection ends.
extension Connection {
    /// How long the transport may take to tell the peer of the end.
    private static let closeTimeout = Duration.seconds(5)
    private static let lingerTimeout = Duration.seconds(2)
    private static let lingerTimeoutInShutdown = Duration.milliseconds(500)

    /// The server ends: says so, behind what is owed, and closes.
    func shutDown() {
        switch state {
        case .establishing: return close()
        case .open:
            // The members were told by the room.
            if membership == nil { enqueue(Reply.shuttingDown.bytes.span) }
            drain()
        case .draining, .closing: break
        case .lingering: return setDeadline(after: Self.lingerTimeoutInShutdown)
        case .closed: return
        }
        setDeadline(after: worker.limits.shutdownGrace)
    }

    /// The name's verified owner has taken it back, and this user was told so in its last line.
    func expel() {
        log(.notice, "username reclaimed, closing")
        session.end()
        if state == .open { drain() }
    }

    /// The session has ended: sends what is owed, then closes.
    func drain() {
        state = .draining
        // As one who falls behind now.
        drainWatch.forgive(at: worker.loop.now)
        if !worker.isShuttingDown { setDeadline(after: nil) }
        queueToSettle()
    }

    func tellEnd() {
        state = .closing
        if !worker.isShuttingDown { setDeadline(after: Self.closeTimeout) }
        do {
            // Where the peer's end has come, `linger` lets go of the socket, which closes it.
            switch try transport.shutDown(closes: inputHasEnded) {
            case .done: linger()
            case .waits(let interest):
                stateWait = interest
                updateInterest()
            }
        } catch {
            fail(error)
        }
    }

    private func linger() {
        guard !inputHasEnded else { return close() }
        state = .lingering
        setDeadline(after: worker.isShuttingDown ? Self.lingerTimeoutInShutdown : Self.lingerTimeout)
        updateInterest()
    }

    func fail(_ error: TransportError) {
        log(.debug, "failed", ["error": "\(error)"])
        switch error {
        case .wrongTransport, .tls:
            // The peer was told why, and would not learn it from a connection that is reset.
            guard state == .establishing || state == .open else { return close() }
            endHandshake()
            session.end()
            drain()
        case .socket, .truncated: close()
        }
    }

    func close() {
        guard state != .closed else { return }
        state = .closed
        endHandshake()
        withOutbox { $0.clear() }
        watchDrain()
        session.end()
        log(user == nil ? .debug : .info, "disconnected")
        worker.loop.remove(token)
        worker.forget(self)
    }
}
