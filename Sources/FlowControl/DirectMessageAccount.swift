/// The direct messages that are pending for one receiver.
///
/// A dynamic threshold keeps space for senders that have little pending: Choudhury and Hahne, "Dynamic queue length
/// thresholds for shared-memory packet switches".
public struct DirectMessageAccount: Sendable {
    /// What becomes of a direct message.
    public enum Verdict: Sendable {
        case accepted
        case rejected
        /// Some of what is pending was not tried on the receiver's socket yet: it may make space.
        case waits
    }

    /// What all pending messages may take, in bytes.
    public static let limit = 64 << 10
    /// What a message takes besides its bytes.
    public static let overhead = 64

    private var pending = 0
    private var pendingOfSender: [PeerGroup: Int] = [:]
    private var hasUntried = false

    /// An account with nothing in it.
    public init() {}

    /// Whether nothing is pending.
    public var isEmpty: Bool { pending == 0 }

    /// Decides on a message of `size` bytes, overhead included, and enters it if it is accepted.
    public mutating func admit(_ size: Int, from sender: PeerGroup, limit: Int = Self.limit) -> Verdict {
        let ofSender = pendingOfSender[sender] ?? 0
        guard pending == 0 || ofSender + size <= limit - pending else { return hasUntried ? .waits : .rejected }
        pending += size
        pendingOfSender[sender] = ofSender + size
        hasUntried = true
        return .accepted
    }

    /// The receiver's event loop tried to send everything that was entered up to now.
    public mutating func tried() {
        hasUntried = false
    }

    /// A message left for the receiver's socket.
    public mutating func release(_ size: Int, from sender: PeerGroup) {
        pending = max(pending - size, 0)
        guard let ofSender = pendingOfSender[sender] else { return }
        pendingOfSender[sender] = ofSender > size ? ofSender - size : nil
    }
}
