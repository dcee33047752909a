package import ChatProtocol
import EventLoop
import FlowControl
import Locking

/// Who may connect, in view of all who are connected. Safe on any thread.
package final class Admission: Sendable {
    /// What becomes of a connection.
    package enum Verdict: Equatable, Sendable {
        case admitted
        /// It is told why it is not.
        case rejected(ProtocolError)
        /// It is closed at once: enough others are being told already.
        case ignored
    }

    /// How many connections at once are told why they are rejected.
    private static let rejections = 64
    private static let minute = Duration.seconds(60)
    /// Of how many addresses it is known how often they came: who has more than that at hand is not to fill the memory.
    private static let knownAddresses = 1 << 16

    private struct State {
        var connections = 0
        var rejected = 0
        var connectionsByAddress: [PeerGroup: Int] = [:]
        /// How often each has come in the minute that is under way.
        var arrivals: [PeerGroup: Int] = [:]
        var minuteEnd = Instant(nanoseconds: 0)
    }

    private let limits: Limits
    private let state = LockedValue(State())

    package init(_ limits: Limits) {
        self.limits = limits
    }

    /// Decides on a connection that has come. One that is not ignored is to ``leave(_:wasRejected:)``.
    func admit(_ group: PeerGroup, at now: Instant) -> Verdict {
        state.withLock { state in
            guard let reason = objection(to: group, at: now, &state) else {
                state.connections += 1
                if !group.isExempt { state.connectionsByAddress[group, default: 0] += 1 }
                return .admitted
            }
            guard state.rejected < Self.rejections else { return .ignored }
            state.rejected += 1
            return .rejected(reason)
        }
    }

    /// A connection has been closed.
    func leave(_ group: PeerGroup, wasRejected: Bool) {
        state.withLock { state in
            guard !wasRejected else {
                state.rejected -= 1
                return
            }
            state.connections -= 1
            guard let count = state.connectionsByAddress[group] else { return }
            state.connectionsByAddress[group] = count > 1 ? count - 1 : nil
        }
    }

    private func objection(to group: PeerGroup, at now: Instant, _ state: inout State) -> ProtocolError? {
        guard state.connections < limits.connections else { return .tooManyConnections }
        guard !group.isExempt else { return nil }
        if state.minuteEnd <= now {
            state.arrivals = [:]
            state.minuteEnd = now + Self.minute
        }
        if let count = state.arrivals[group] {
            state.arrivals[group] = count + 1
            guard count < limits.connectionRate else { return .connectingTooFast }
        } else if state.arrivals.count < Self.knownAddresses {
            state.arrivals[group] = 1
        }
        guard state.connectionsByAddress[group, default: 0] < limits.connectionsPerAddress else {
            return .tooManyFromAddress
        }
        return nil
    }
}
