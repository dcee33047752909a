import Locking
import Testing

@testable import ChatTransport

struct TicketKeysTests {
    /// A clock that a test moves.
    private final class Clock: Sendable {
        let now = LockedValue(ContinuousClock.now)

        func advance(by duration: Duration) {
            now.withLock { $0 += duration }
        }
    }

    private let clock = Clock()
    private let keys: TicketKeys

    init() {
        keys = TicketKeys { [clock] in clock.now.withLock { $0 } }
    }

    private func look(_ name: [UInt8]) -> Bool? {
        name.withUnsafeBufferPointer { keys.key(named: $0)?.isCurrent }
    }

    @Test("A key encrypts for an hour, and decrypts until the last of its tickets has expired")
    func rotation() throws {
        let first = try #require(keys.current())
        #expect(keys.current()?.name == first.name)
        #expect(look(first.name) == true)
        clock.advance(by: TicketKeys.rotation)
        #expect(look(first.name) == false)
        let second = try #require(keys.current())
        #expect(second.name != first.name && second.encryption != first.encryption)
        #expect(second.authentication != first.authentication)
        #expect(look(first.name) == false)
        #expect(look(second.name) == true)
        clock.advance(by: TicketKeys.ticketLifetime - .seconds(1))
        #expect(look(first.name) == false)
        clock.advance(by: .seconds(1))
        #expect(look(first.name) == nil)
        #expect(look(second.name) == false)
    }

    @Test("A name that is none of ours has no key")
    func unknown() {
        #expect(look([UInt8](repeating: 0, count: 16)) == nil)
        _ = keys.current()
        #expect(look([UInt8](repeating: 0, count: 16)) == nil)
    }
}
