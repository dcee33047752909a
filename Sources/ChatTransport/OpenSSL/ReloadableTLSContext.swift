import Locking

/// The context for new connections, which can be replaced while the server runs. Safe on any thread.
///
/// Connections keep the context with which they began, and clients resume across a replacement.
public final class ReloadableTLSContext: Sendable {
    private let policy: TLSPolicy
    private let ticketKeys = TicketKeys()
    private let context: LockedValue<TLSContext>

    /// Throws where TLS cannot be spoken with these files.
    public init(_ material: TLSMaterial, policy: TLSPolicy) throws(TLSContextError) {
        self.policy = policy
        context = LockedValue(try TLSContext(material, policy: policy, ticketKeys: ticketKeys))
    }

    /// What new connections begin with.
    public var current: TLSContext { context.withLock { $0 } }

    /// Replaces the context by one of these files. Where that cannot be, it throws, and the old one stays.
    public func replace(with material: TLSMaterial) throws(TLSContextError) {
        // As a whole and outside of the lock, before anything changes.
        let replacement = try TLSContext(material, policy: policy, ticketKeys: ticketKeys)
        context.withLock { $0 = replacement }
    }
}
