import ChatProtocol
import ChatState
import ChatTransport
import EventLoop
import Logging

/// How a connection begins: the handshake, or a rejection.
extension Connection {
    /// Begins the handshake. Input does not extend its deadline.
    func begin() {
        guard origin.rejection == nil else { return reject() }
        setDeadline(after: worker.limits.handshakeTimeout)
        establish()
    }

    func establish() {
        guard life.state == .establishing else { return }
        do {
            switch try transport.establish() {
            case .done: open()
            case .waits(let interest):
                if life.decidesAfterInput { return timeOut() }
                life.wait(for: interest)
                updateInterest()
            }
        } catch {
            fail(error)
        }
    }

    private func open() {
        life.advance(to: .open)
        log(.debug, "connected")
        worker.collector.noteHandshake()
        if let names = transport.peerNames { session.identify(by: names) }
        setDeadline(after: worker.limits.loginTimeout)
        updateInterest()
    }

    /// Tells the peer the reason, if that takes no handshake.
    private func reject() {
        log(.debug, "rejected", ["error": "\(origin.rejection.map(String.init(describing:)) ?? "-")"])
        life.advance(to: .open)
        transport.refuse()
        if let rejection = origin.rejection { session.close(for: rejection) }
        drain()
    }
}
