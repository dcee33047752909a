import ChatProtocol
import ChatRoom
import ChatTransport
import EventLoop
import Logging

/// How a connection begins: the handshake, or a refusal.
extension Connection {
    /// Begins, with a deadline that no single byte moves.
    func begin() {
        guard refusal == nil else { return turnAway() }
        setDeadline(after: worker.limits.handshakeTimeout)
        establish()
    }

    func establish() {
        do {
            switch try transport.establish() {
            case .done: open()
            case .waits(let interest):
                stateWait = interest
                updateInterest()
            }
        } catch {
            fail(error)
        }
    }

    func mayShakeHands() -> Bool {
        if !isShakingHands { isShakingHands = worker.admission.beginHandshake() }
        return isShakingHands
    }

    func endHandshake() {
        guard isShakingHands else { return }
        isShakingHands = false
        worker.admission.endHandshake()
    }

    private func open() {
        state = .open
        endHandshake()
        log(.debug, "connected")
        if let names = transport.peerNames {
            session.identify(by: names)
            isVerified = true
        }
        setDeadline(after: worker.limits.loginTimeout)
        updateInterest()
    }

    /// The peer is not served, and is told so: with the reason, where that takes no handshake.
    func turnAway() {
        log(.debug, "turned away", ["error": "\(refusal.map(String.init(describing:)) ?? "too many handshakes")"])
        state = .open
        transport.refuse()
        if let refusal { session.close(for: refusal) }
        drain()
    }
}
