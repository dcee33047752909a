import ChatTransport
import EventLoop
import FlowControl

/// A receiver whose socket does not take all pending output: its acknowledgements since then, and its health.
final class Lag {
    /// Whether bulk lines wait for the receiver.
    private(set) var health: ReceiverHealth
    /// The unacknowledged bytes that the kernel had when the lag began.
    private let unacknowledgedAtBegin: Int
    /// The bytes written since then, and how many of them belong to the receiver's own replies.
    private var (written, writtenReplies) = (0, 0)
    /// The most bytes that were acknowledged since then, and how many of them count for the health.
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
