import ChatProtocol
import ChatState
import ChatTransport
import EventLoop
import FlowControl
import Logging

/// How a connection ends.
extension Connection {
    /// How long the transport may take to tell the peer of the end.
    private static let closeTimeout = Duration.seconds(5)
    private static let lingerTimeout = Duration.seconds(2)
    private static let lingerTimeoutInShutdown = Duration.milliseconds(500)
    /// How long pending output may take after the name was reclaimed.
    private static let expulsionTimeout = Duration.seconds(5)

    /// The server ends: says so, after what is pending, and closes.
    func shutDown() {
        switch life.state {
        case .establishing: return close()
        case .open:
            outbound.append(lastLines: Reply.shuttingDown.bytes)
            session.end()
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
        guard life.state == .open else { return }
        drain(within: Self.expulsionTimeout)
    }

    /// The session has ended: sends what is pending, then closes. `nil`: for as long as the peer reads it.
    func drain(within timeout: Duration? = nil) {
        life.advance(to: .draining)
        inbound.resume()
        if !worker.isShuttingDown { setDeadline(after: timeout) }
        queueFlush()
    }

    /// The time for pending output is over: the rest is dropped at the end of a line.
    func giveUpDraining() {
        outbound.cut([])
        guard outbound.output.isEmpty else { return close() }
        tellEnd()
    }

    func tellEnd() {
        if life.advance(to: .closing), !worker.isShuttingDown { setDeadline(after: Self.closeTimeout) }
        do {
            // If the peer's end has come, `linger` lets go of the socket, which closes it.
            switch try transport.shutDown(closes: inbound.hasEnded) {
            case .done: linger()
            case .waits(let interest):
                life.wait(for: interest)
                updateInterest()
            }
        } catch {
            fail(error)
        }
    }

    private func linger() {
        guard !inbound.hasEnded else { return close() }
        life.advance(to: .lingering)
        setDeadline(after: worker.isShuttingDown ? Self.lingerTimeoutInShutdown : Self.lingerTimeout)
        updateInterest()
    }

    func fail(_ error: TransportError) {
        log(.debug, "failed", ["error": "\(error)"])
        switch error {
        case .wrongTransport, .tls:
            // The peer was told why, and would not learn it from a connection that is reset.
            guard life.state < .draining else { return close() }
            session.end()
            drain()
        case .socket, .truncated: close()
        }
    }

    func close() {
        guard life.advance(to: .closed) else { return }
        outbound.discard()
        outbound.endLag()
        session.end()
        log(user == nil ? .debug : .info, "disconnected")
        worker.forget(self)
    }
}
