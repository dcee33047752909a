import FlowControl
import TestSupport
import Testing

struct DirectMessageAccountTests {
    private let size = 1_000
    private var account = DirectMessageAccount()

    /// Sends until a message is not accepted, and returns how many were.
    private mutating func flood(from sender: PeerGroup) -> Int {
        var accepted = 0
        while accepted < 1_000, account.admit(size, from: sender, in: 1) == .accepted { accepted += 1 }
        return accepted
    }

    @Test("An empty account accepts a message of any size")
    mutating func anySize() {
        #expect(account.admit(10 * DirectMessageAccount.limit, from: .connection(1), in: 1) == .accepted)
        #expect(account.admit(1, from: .connection(1), in: 1) != .accepted)
        #expect(account.admit(1, from: .connection(2), in: 1) != .accepted)
    }

    @Test("One sender gets about half of the account")
    mutating func half() {
        let bytes = flood(from: .connection(1)) * size
        #expect(bytes <= DirectMessageAccount.limit / 2 + size)
        #expect(bytes >= DirectMessageAccount.limit / 2 - size)
    }

    @Test("Messages of other senders are still accepted after one sender has sent all that it can")
    mutating func others() {
        _ = flood(from: .connection(1))
        for sender in 2...20 as ClosedRange<UInt64> {
            #expect(account.admit(size, from: .connection(sender), in: 1) == .accepted)
        }
    }

    @Test("Senders that send all they can share the account equally", arguments: [2, 3, 10])
    mutating func equalShares(senders: Int) {
        var accepted = [Int](repeating: 0, count: senders)
        for _ in 0..<200 {
            for sender in 0..<senders
            where account.admit(size, from: .address(family: 2, bits: UInt64(sender)), in: 1) == .accepted {
                accepted[sender] += 1
            }
        }
        let share = DirectMessageAccount.limit / (senders + 1)
        for count in accepted {
            #expect(count * size >= share - size)
            #expect(count * size <= share + size)
        }
    }

    @Test("A message waits only while something was not tried on the receiver's socket")
    mutating func waits() {
        _ = flood(from: .connection(1))
        #expect(account.admit(size, from: .connection(1), in: 1) == .waits(collection: 1))
        account.noteTried(upTo: 1)
        #expect(account.admit(size, from: .connection(1), in: 2) == .rejected)
        // A rejected message is not pending, and so there is nothing to try.
        #expect(account.admit(size, from: .connection(1), in: 2) == .rejected)
        #expect(account.admit(size, from: .connection(2), in: 2) == .accepted)
        #expect(account.admit(size, from: .connection(1), in: 2) == .waits(collection: 2))
    }

    @Test("A message waits until all that came before it was tried, and not for what others send after it")
    mutating func waitsOnce() {
        #expect(account.admit(size, from: .connection(2), in: 1) == .accepted)
        while account.admit(size, from: .connection(1), in: 2) == .accepted {}
        // The loop has tried the first message, and not the others yet.
        account.noteTried(upTo: 1)
        for collection in 2...4 {
            #expect(
                account.admit(size, from: .connection(1), in: collection, awaited: 2) == .waits(collection: 2))
        }
        #expect(account.admit(size, from: .connection(2), in: 3) == .accepted)
        account.noteTried(upTo: 2)
        #expect(account.admit(size, from: .connection(1), in: 4, awaited: 2) == .rejected)
    }

    @Test("A message that leaves for the socket makes space")
    mutating func release() {
        let accepted = flood(from: .connection(1))
        account.release(size, from: .connection(1))
        #expect(flood(from: .connection(1)) == 1)
        for _ in 0..<accepted {
            account.release(size, from: .connection(1))
        }
        #expect(flood(from: .connection(1)) == accepted)
    }

    @Test("A lower limit counts messages that are pending already")
    mutating func lowerLimit() {
        #expect(account.admit(1_000, from: .connection(1), in: 1) == .accepted)
        #expect(account.admit(1_000, from: .connection(2), limit: 1_999, in: 1) == .waits(collection: 1))
        #expect(account.admit(1_000, from: .connection(2), limit: 2_000, in: 1) == .accepted)
        #expect(account.admit(1, from: .connection(3), limit: 1_000, in: 1) == .waits(collection: 1))
    }

    @Test("Property: an account decides as its rule says, and holds no more than its limit and one message")
    func model() {
        var random = SeededGenerator()
        let limits = [DirectMessageAccount.limit, DirectMessageAccount.limit / 8]
        for _ in 0..<100 {
            var account = DirectMessageAccount()
            var pending: [(sender: PeerGroup, size: Int)] = []
            var (newest, tried, collection) = (0, 0, 1)
            for _ in 0..<300 {
                switch Int.random(in: 0..<10, using: &random) {
                case 0:
                    tried = .random(in: tried..<collection, using: &random)
                    account.noteTried(upTo: tried)
                    collection += 1
                case 1...3 where !pending.isEmpty:
                    let left = pending.remove(at: .random(in: 0..<pending.count, using: &random))
                    account.release(left.size, from: left.sender)
                default:
                    let sender = PeerGroup.connection(.random(in: 0..<5, using: &random))
                    let size = Int.random(in: 64...8_000, using: &random)
                    let limit = limits.randomElement(using: &random) ?? 0
                    let ofSender = pending.filter { $0.sender == sender }.reduce(0) { $0 + $1.size }
                    let free = limit - pending.reduce(0) { $0 + $1.size }
                    let isAccepted = pending.isEmpty || ofSender + size <= free
                    let expected: DirectMessageAccount.Verdict =
                        isAccepted ? .accepted : newest > tried ? .waits(collection: collection) : .rejected
                    let verdict = account.admit(size, from: sender, limit: limit, in: collection)
                    #expect(verdict == expected, "\(random)")
                    if verdict == .accepted {
                        pending.append((sender, size))
                        newest = collection
                    }
                }
                #expect(pending.reduce(0) { $0 + $1.size } <= DirectMessageAccount.limit + 8_000, "\(random)")
            }
        }
    }
}
