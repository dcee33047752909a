import FlowControl
import TestSupport
import Testing

struct DirectMessageAccountTests {
    private let size = 1_000
    private var account = DirectMessageAccount()

    /// Sends until a message is not accepted, and returns how many were.
    private mutating func flood(from sender: PeerGroup) -> Int {
        var accepted = 0
        while accepted < 1_000, account.admit(size, from: sender) == .accepted { accepted += 1 }
        return accepted
    }

    @Test("An empty account accepts a message of any size")
    mutating func anySize() {
        #expect(account.admit(10 * DirectMessageAccount.limit, from: .connection(1)) == .accepted)
        #expect(account.admit(1, from: .connection(1)) != .accepted)
        #expect(account.admit(1, from: .connection(2)) != .accepted)
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
            #expect(account.admit(size, from: .connection(sender)) == .accepted)
        }
    }

    @Test("Senders that send all they can share the account equally", arguments: [2, 3, 10])
    mutating func equalShares(senders: Int) {
        var accepted = [Int](repeating: 0, count: senders)
        for _ in 0..<200 {
            for sender in 0..<senders
            where account.admit(size, from: .address(family: 2, bits: UInt64(sender))) == .accepted {
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
        #expect(account.admit(size, from: .connection(1)) == .waits(attempt: 0))
        account.tried()
        #expect(account.admit(size, from: .connection(1)) == .rejected)
        // A rejected message is not pending, and so there is nothing to try.
        #expect(account.admit(size, from: .connection(1)) == .rejected)
        #expect(account.admit(size, from: .connection(2)) == .accepted)
        #expect(account.admit(size, from: .connection(1)) == .waits(attempt: 1))
    }

    @Test("A message waits for one attempt, and not for those to send what others have sent since then")
    mutating func waitsOnce() {
        _ = flood(from: .connection(1))
        for _ in 0..<3 {
            #expect(account.admit(size, from: .connection(1), awaited: 0) == .waits(attempt: 0))
        }
        account.tried()
        #expect(account.admit(size, from: .connection(2)) == .accepted)
        #expect(account.admit(size, from: .connection(1), awaited: 0) == .rejected)
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
        #expect(account.admit(1_000, from: .connection(1)) == .accepted)
        #expect(account.admit(1_000, from: .connection(2), limit: 1_999) == .waits(attempt: 0))
        #expect(account.admit(1_000, from: .connection(2), limit: 2_000) == .accepted)
        #expect(account.admit(1, from: .connection(3), limit: 1_000) == .waits(attempt: 0))
    }

    @Test("Property: an account decides as its rule says, and holds no more than its limit and one message")
    func model() {
        var random = SeededGenerator()
        let limits = [DirectMessageAccount.limit, DirectMessageAccount.limit / 8]
        for _ in 0..<100 {
            var account = DirectMessageAccount()
            var pending: [(sender: PeerGroup, size: Int)] = []
            var (hasUntried, attempts) = (false, 0)
            for _ in 0..<300 {
                switch Int.random(in: 0..<10, using: &random) {
                case 0:
                    account.tried()
                    hasUntried = false
                    attempts += 1
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
                        isAccepted ? .accepted : hasUntried ? .waits(attempt: attempts) : .rejected
                    let verdict = account.admit(size, from: sender, limit: limit)
                    #expect(verdict == expected, "\(random)")
                    if verdict == .accepted {
                        pending.append((sender, size))
                        hasUntried = true
                    }
                }
                #expect(pending.reduce(0) { $0 + $1.size } <= DirectMessageAccount.limit + 8_000, "\(random)")
            }
        }
    }
}
