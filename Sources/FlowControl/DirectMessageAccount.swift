/// The direct messages that are pending for one receiver.
///
/// A dynamic threshold keeps space for senders that have little pending: Choudhury and Hahne, "Dynamic queue length
/// thresholds for shared-memory packet switches".
///
/// The receiver's event loop collects messages in numbered collections, and tries to send what it has collected.
public struct DirectMessageAccount: Sendable {
    /// The decision on a direct message.
    public enum Verdict: Equatable, Sendable {
        case accepted
        case rejected
        /// Some pending messages were not tried on the receiver's socket yet. To send them may make space. The message waits
        /// until everything up to this collection was tried.
        case waits(collection: Int)
    }

    /// The limit for all pending messages together, in bytes.
    public static let limit = 64 << 10
    /// The bytes that a message counts in addition to its line.
    public static let overhead = 64

    private var pending = 0
    private var pendingOfSender: [PeerGroup: Int] = [:]
    /// The collection in which the newest message is.
    private var newest = 0
    /// All messages in collections up to this one were tried.
    private var tried = 0

    /// An empty account.
    public init() {}

    /// Decides on a message of `size` bytes, overhead included, and enters it if it is accepted. `collection` is the next one
    /// of the receiver's loop, at least 1, and `awaited` the one for which the message has waited: it waits for no other.
    public mutating func admit(
        _ size: Int, from sender: PeerGroup, limit: Int = Self.limit, in collection: Int, awaited: Int? = nil
    ) -> Verdict {
        let ofSender = pendingOfSender[sender] ?? 0
        guard pending == 0 || ofSender + size <= limit - pending else {
            let awaited = awaited ?? collection
            return newest > tried && awaited > tried ? .waits(collection: awaited) : .rejected
        }
        pending += size
        pendingOfSender[sender] = ofSender + size
        newest = collection
        return .accepted
    }

    /// The receiver's event loop tried to send all messages in its collections up to this one.
    public mutating func noteTried(upTo collection: Int) {
        tried = collection
    }

    /// A message left for the receiver's socket.
    public mutating func release(_ size: Int, from sender: PeerGroup) {
        pending = max(pending - size, 0)
        guard pending > 0 else {
            // Also frees the memory that many senders have taken.
            pendingOfSender = [:]
            return
        }
        guard let ofSender = pendingOfSender[sender] else { return }
        pendingOfSender[sender] = ofSender > size ? ofSender - size : nil
    }
}
