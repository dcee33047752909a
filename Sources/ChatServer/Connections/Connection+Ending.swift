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

    /// Closes the connection because the server shuts down. The peer is told so after its pending output.
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

    /// Sends the pending output of an ended session, then closes. Without a timeout, only the stall timeout limits that.
    func drain(within timeout: Duration? = nil) {
        life.advance(to: .draining)
        inbound.resume()
        if !worker.isShuttingDown { setDeadline(after: timeout) }
        queueFlush()
    }

    /// Ends a connection whose time for pending output is over. Drops the output after the current line.
    func abandonOutput() {
        outbound.cut([])
        guard outbound.output.isEmpty else { return close() }
        tellEnd()
    }

    func tellEnd() {
        if life.advance(to: .closing), !worker.isShuttingDown { setDeadline(after: Self.closeTimeout) }
        do {
            // If the peer has ended its input, `linger` releases the socket, which closes it.
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
            // The peer was told why. If the connection were reset, that line would be lost.
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
