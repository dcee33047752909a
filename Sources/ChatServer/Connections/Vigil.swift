import ChatTransport
import EventLoop
import FlowControl

/// Detects a vanished peer: it has acknowledged nothing between two checks, although it had data to acknowledge.
///
/// TCP_USER_TIMEOUT would do the same, and would also end a live peer with a closed window, whose kernel answers probes.
struct Vigil {
    /// For how long a peer may leave data unacknowledged.
    private static let timeout = Nanoseconds.seconds(30)

    private var acknowledged: UInt64 = 0
    /// Since when data is known to be unacknowledged; 0 if it is not.
    private var since: Nanoseconds = 0

    /// Compares the kernel's counters with those of the last check. Returns whether the peer has vanished.
    mutating func hasVanished(_ acknowledgement: Acknowledgement, at now: Nanoseconds) -> Bool {
        guard acknowledgement.unacknowledgedSegments > 0 else {
            since = 0
            return false
        }
        guard since > 0, acknowledged == acknowledgement.bytes else {
            acknowledged = acknowledgement.bytes
            since = now
            return false
        }
        return now >= since + Self.timeout
    }
}
