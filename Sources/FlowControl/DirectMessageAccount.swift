/// The direct messages that are pending for one receiver.
///
/// A dynamic threshold keeps space for senders that have little pending: Choudhury and Hahne, "Dynamic queue length
/// thresholds for shared-memory packet switches".
public struct DirectMessageAccount: Sendable {
    /// The decision on a direct message.
    public enum Verdict: Equatable, Sendable {
        case accepted
        case rejected
        /// Some pending messages were not tried on the receiver's socket yet. To send them may make space. `attempt` is the
        /// number of the attempt to wait for.
        case waits(attempt: Int)
    }

    /// The limit for all pending messages together, in bytes.
    public static let limit = 64 << 10
    /// The bytes that a message counts in addition to its line.
    public static let overhead = 64

    private var pending = 0
    private var pendingOfSender: [PeerGroup: Int] = [:]
    private var hasUntried = false
    /// How often the pending messages were tried.
    private var attempts = 0

    /// An empty account.
    public init() {}

    /// Decides on a message of `size` bytes, overhead included, and enters it if it is accepted. `awaited` is the attempt
    /// that the message has waited for: it does not wait for another one.
    public mutating func admit(
        _ size: Int, from sender: PeerGroup, limit: Int = Self.limit, awaited: Int? = nil
    ) -> Verdict {
        let ofSender = pendingOfSender[sender] ?? 0
        guard pending == 0 || ofSender + size <= limit - pending else {
            return hasUntried && awaited ?? attempts == attempts ? .waits(attempt: attempts) : .rejected
        }
        pending += size
        pendingOfSender[sender] = ofSender + size
        hasUntried = true
        return .accepted
    }

    /// The receiver's event loop tried to send everything that was entered up to now.
    public mutating func tried() {
        hasUntried = false
        attempts += 1
    }

    /// A message left for the receiver's socket.
    public mutating func release(_ size: Int, from sender: PeerGroup) {
        pending = max(pending - size, 0)
        guard let ofSender = pendingOfSender[sender] else { return }
        pendingOfSender[sender] = ofSender > size ? ofSender - size : nil
    }
}
