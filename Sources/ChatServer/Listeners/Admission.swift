package import ChatProtocol
import EventLoop
import Locking

/// Who may connect, in view of all who are connected. Safe on any thread.
package final class Admission: Sendable {
    /// What becomes of a connection.
    package enum Verdict: Equatable, Sendable {
        case admitted
        /// It is told why it is not.
        case refused(ProtocolError)
        /// It is closed at once: enough others are being told already.
        case ignored
    }

    /// How many connections at once are told why they are refused.
    private static let refusals = 64
    private static let minute = Duration.seconds(60)
    /// Of how many addresses it is known how often they came: who has more than that at hand is not to fill the memory.
    private static let knownAddresses = 1 << 16

    private struct State {
        var connections = 0
        var refused = 0
        var handshakes = 0
        var connectionsByAddress: [AddressBlock: Int] = [:]
        /// How often each has come in the minute that is under way.
        var arrivals: [AddressBlock: Int] = [:]
        var minuteEnd = Instant(nanoseconds: 0)
    }

    private let limits: Limits
    private let state = LockedValue(State())

    package init(_ limits: Limits) {
        self.limits = limits
    }

    /// Decides on a connection that has come. One that is not ignored is to ``leave(_:wasRefused:)``.
    func admit(_ peer: SocketAddress, at now: Instant) -> Verdict {
        let block = peer.block
        return state.withLock { state in
            guard let reason = objection(to: block, at: now, &state) else {
                state.connections += 1
                if let block { state.connectionsByAddress[block, default: 0] += 1 }
                return .admitted
            }
            guard state.refused < Self.refusals else { return .ignored }
            state.refused += 1
            return .refused(reason)
        }
    }

    /// A connection has been closed.
    func leave(_ peer: SocketAddress, wasRefused: Bool) {
        let block = peer.block
        state.withLock { state in
            guard !wasRefused else {
                state.refused -= 1
                return
            }
            state.connections -= 1
            guard let block, let count = state.connectionsByAddress[block] else { return }
            state.connectionsByAddress[block] = count > 1 ? count - 1 : nil
        }
    }

    /// Whether there is room for one more who has not done its handshake yet. If so, it is to ``endHandshake()``.
    func beginHandshake() -> Bool {
        state.withLock { state in
            guard state.handshakes < limits.handshakes else { return false }
            state.handshakes += 1
            return true
        }
    }

    /// A handshake is done, or has failed.
    func endHandshake() {
        state.withLock { $0.handshakes -= 1 }
    }

    private func objection(to block: AddressBlock?, at now: Instant, _ state: inout State) -> ProtocolError? {
        guard state.connections < limits.connections else { return .tooManyConnections }
        guard let block else { return nil }
        if state.minuteEnd <= now {
            state.arrivals = [:]
            state.minuteEnd = now + Self.minute
        }
        if let count = state.arrivals[block] {
            state.arrivals[block] = count + 1
            guard count < limits.connectionRate else { return .connectingTooFast }
        } else if state.arrivals.count < Self.knownAddresses {
            state.arrivals[block] = 1
        }
        guard state.connectionsByAddress[block, default: 0] < limits.connectionsPerAddress else {
            return .tooManyFromAddress
        }
        return nil
    }
}

extension Admission.Verdict {
    /// Why the connection is refused, if it is.
    var reason: ProtocolError? {
        guard case .refused(let reason) = self else { return nil }
        return reason
    }
}
