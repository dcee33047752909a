import Foundation

/// Carries bytes between a client's plain socket and its TLS connection until both directions have ended.
///
/// Lives on the tunnel's thread. Neither socket blocks.
final class TunnelPump {
    private static let patience = Duration.seconds(5)

    private let plain: CInt
    private let tcp: CInt
    private let connection: ClientConnection
    private let tunnel: TLSTunnel
    private var isEstablished = false
    private var toServer = TunnelChunk()
    private var toClient = TunnelChunk()
    /// Until the client's end of stream.
    private var clientSpeaks = true
    /// Until close_notify is sent, or nothing can be sent any more.
    private var isSending = true
    /// Until the server's direction has ended.
    private var isReceiving = true
    /// Set when the client is gone altogether. What it said is still sent, and the server's end waited for: to close a
    /// socket earlier is a reset if anything comes, which can cost the server what it has not read. But not for ever.
    private var deadline: ContinuousClock.Instant?
    private var sendFailure: TLSTunnel.Ending?
    private var (plainEvents, tcpEvents): (CShort, CShort) = (0, 0)
    private var tcpHungUp = false

    init(plain: CInt, tcp: CInt, connection: ClientConnection, tunnel: TLSTunnel) {
        self.plain = plain
        self.tcp = tcp
        self.connection = connection
        self.tunnel = tunnel
    }

    func run() {
        while !isOver {
            (plainEvents, tcpEvents) = (0, 0)
            if !progresses() { wait() }
        }
        if isReceiving { finishReceiving(.clientLeft) }
    }

    private var isOver: Bool {
        if let deadline, deadline < .now { return true }
        return !isSending && !isReceiving && toClient.isEmpty
    }

    private func progresses() -> Bool {
        guard isEstablished else { return establish() }
        // All of them in every turn, so that neither direction starves the other.
        return [takeFromClient(), giveToServer(), sendCloseNotify(), takeFromServer(), giveToClient()].contains(true)
    }

    private func establish() -> Bool {
        switch connection.handshake() {
        case .waits(for: let events):
            tcpEvents |= events
            return false
        case .bytes:
            isEstablished = true
            tunnel.established(connection.agreed())
        case .ended:
            fail(.closeNotify)
        case .failed(let ending):
            fail(ending)
        }
        return true
    }

    private func takeFromClient() -> Bool {
        guard clientSpeaks, isSending, toServer.isEmpty else { return false }
        switch toServer.fill({ step(recv(plain, $0.baseAddress, $0.count, 0), otherwise: POLLIN) }) {
        case .waits(for: let events):
            plainEvents |= events
            return false
        case .bytes: break
        case .ended, .failed: clientSpeaks = false
        }
        return true
    }

    private func giveToServer() -> Bool {
        guard isSending, !toServer.isEmpty else { return false }
        switch toServer.drain(connection.write) {
        case .waits(for: let events):
            tcpEvents |= events
            return false
        case .bytes: break
        case .ended: stopSending()
        case .failed(let ending):
            sendFailure = ending
            stopSending()
        }
        return true
    }

    private func sendCloseNotify() -> Bool {
        guard isSending, !clientSpeaks, toServer.isEmpty else { return false }
        switch connection.sendCloseNotify() {
        case .waits(for: let events):
            tcpEvents |= events
            return false
        case .bytes, .ended:
            isSending = false
            if deadline != nil { shutdown(tcp, CInt(SHUT_WR)) }
        case .failed(let ending):
            sendFailure = ending
            stopSending()
        }
        return true
    }

    private func takeFromServer() -> Bool {
        guard isReceiving, toClient.isEmpty else { return false }
        switch toClient.fill(connection.read) {
        case .waits(for: let events):
            tcpEvents |= events
            return false
        case .bytes: break
        case .ended: finishReceiving(.closeNotify)
        // The kernel tells of a reset once, and of an end of stream behind it.
        case .failed(.truncated) where sendFailure == .reset: fail(.reset)
        case .failed(let ending): fail(ending)
        }
        return true
    }

    private func giveToClient() -> Bool {
        guard !toClient.isEmpty else { return false }
        guard deadline == nil else {
            toClient.discard()
            return true
        }
        switch toClient.drain({ step(send(plain, $0.baseAddress, $0.count, 0), otherwise: POLLOUT) }) {
        case .waits(for: let events):
            plainEvents |= events
            return false
        case .bytes: break
        case .ended, .failed: clientIsGone()
        }
        return true
    }

    /// What a call on the plain socket has come to.
    private func step(_ result: Int, otherwise events: CInt) -> TunnelStep {
        if result > 0 { return .bytes(result) }
        return result < 0 && errno == EAGAIN ? .waits(for: CShort(events)) : .ended
    }

    private func fail(_ ending: TLSTunnel.Ending) {
        stopSending()
        finishReceiving(ending)
    }

    private func stopSending() {
        isSending = false
        toServer.discard()
        // What the client sends from now on fails, as it would on the TCP socket.
        shutdown(plain, CInt(SHUT_RD))
    }

    private func finishReceiving(_ ending: TLSTunnel.Ending) {
        isReceiving = false
        // Before the client sees the end, so that it can ask for the reason.
        tunnel.ended(ending, session: isEstablished ? connection.session() : nil)
        shutdown(plain, CInt(SHUT_WR))
    }

    private func clientIsGone() {
        guard deadline == nil else { return }
        deadline = .now + Self.patience
        if !isSending { shutdown(tcp, CInt(SHUT_WR)) }
    }

    private func wait() {
        // A socket that has hung up says so at once and for ever: it is left out unless there is something to do.
        let skipsPlain = plainEvents == 0 && deadline != nil
        let skipsTCP = tcpEvents == 0 && tcpHungUp
        var sockets = [
            pollfd(fd: skipsPlain ? -1 : plain, events: plainEvents, revents: 0),
            pollfd(fd: skipsTCP ? -1 : tcp, events: tcpEvents, revents: 0),
        ]
        let timeout = deadline.map { CInt(max(.zero, $0 - .now) / .milliseconds(1)) + 1 } ?? -1
        poll(&sockets, nfds_t(sockets.count), timeout)
        let hungUp = CShort(POLLHUP | POLLERR)
        if sockets[0].revents & hungUp != 0 { clientIsGone() }
        if sockets[1].revents & hungUp != 0 { tcpHungUp = true }
    }
}
