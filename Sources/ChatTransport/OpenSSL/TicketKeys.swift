import COpenSSL
import Locking

/// The keys under which session tickets are encrypted: every ticket is good for ``ticketLifetime``, and no key is used for
/// much longer than that. They outlive the certificates, so that clients resume across a reload.
///
/// Safe on any thread. Source: RFC 5077, section 5.5; RFC 8446, section 4.6.1.
public final class TicketKeys: Sendable {
    struct Key: Sendable {
        let name: [UInt8]
        let encryption: [UInt8]
        let authentication: [UInt8]
        let made: ContinuousClock.Instant
    }

    static let nameLength = 16
    /// What OpenSSL gives sessions by default: SSL_get_default_timeout(3).
    static let ticketLifetime = Duration.seconds(7_200)
    /// How long a key encrypts new tickets. It decrypts for as long as the last of them is good.
    static let rotation = Duration.seconds(3_600)

    /// The newest first.
    private let keys = LockedValue<[Key]>([])
    private let now: @Sendable () -> ContinuousClock.Instant

    /// Keys of which the first is made when it is needed.
    public convenience init() {
        self.init { .now }
    }

    init(now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.now = now
    }

    /// The key for new tickets, or `nil` where OpenSSL has no randomness.
    func current() -> Key? {
        keys.withLock { keys in
            let now = now()
            if let newest = keys.first, now < newest.made + Self.rotation { return newest }
            guard let name = Self.random(Self.nameLength), let encryption = Self.random(32),
                let authentication = Self.random(32)
            else { return nil }
            let key = Key(name: name, encryption: encryption, authentication: authentication, made: now)
            keys.removeAll { $0.made + Self.rotation + Self.ticketLifetime <= now }
            keys.insert(key, at: 0)
            return key
        }
    }

    /// The key of a ticket, and whether new tickets are still encrypted under it; `nil` where it is too old, or was never ours.
    func key(named name: UnsafeBufferPointer<UInt8>) -> (key: Key, isCurrent: Bool)? {
        keys.withLock { keys in
            let now = now()
            guard let key = keys.first(where: { $0.name.elementsEqual(name) }),
                now < key.made + Self.rotation + Self.ticketLifetime
            else { return nil }
            return (key, now < key.made + Self.rotation)
        }
    }

    private static func random(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return ErrorQueue.around { RAND_bytes(&bytes, CInt(count)) }.result == 1 ? bytes : nil
    }
}
