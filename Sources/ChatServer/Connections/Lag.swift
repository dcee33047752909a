import ChatTransport
import EventLoop
import FlowControl

/// A receiver whose socket does not take what is pending, and what it has acknowledged meanwhile.
final class Lag {
    /// Whether bulk lines wait for the receiver.
    private(set) var health: ReceiverHealth
    /// What the kernel had when the lag began and was not acknowledged, in bytes.
    private let unacknowledgedAtBegin: Int
    /// Written since then, and what of it were the receiver's own replies, in bytes.
    private var (written, writtenReplies) = (0, 0)
    /// The most that was acknowledged since then, and what of it counts for the health, in bytes.
    private var (acknowledged, credited) = (0, 0)

    init(unacknowledged: Int, at now: Nanoseconds) {
        health = ReceiverHealth(at: now)
        unacknowledgedAtBegin = unacknowledged
    }

    func noteWritten(_ bytes: Int, replies: Int) {
        written += bytes
        writtenReplies += replies
    }

    /// The kernel has so many bytes that the peer has not acknowledged. Over TLS they are a few more than were written, which
    /// is to the receiver's disadvantage only until they are acknowledged.
    func observe(unacknowledged: Int, minimumRate: Int, at now: Nanoseconds) {
        let total = written + unacknowledgedAtBegin - unacknowledged
        if total > acknowledged {
            acknowledged = total
            health.progress(at: now)
        }
        // Own replies count as acknowledged before everything else.
        let credit = max(acknowledged - writtenReplies, credited)
        health.acknowledge(roomBytes: credit - credited, minimumRate: minimumRate, at: now)
        credited = credit
    }
}
