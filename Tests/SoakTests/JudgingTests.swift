import Testing

@testable import soak

@Suite("What an honest user notices")
struct JudgingTests {
    private let violations = Violations()
    private let alice: Participant
    private let bob: Participant

    init() {
        let transcript = Transcript(violations)
        let correspondence = Correspondence(violations)
        alice = Participant("alice", transcript, correspondence, violations)
        bob = Participant("bob", transcript, correspondence, violations)
        hear(alice, alice.say(.login), ["OK"])
        alice.isFirst()
        let login = bob.say(.login)
        hear(alice, ["INFO bob joined the chat"])
        hear(bob, login, ["OK"])
    }

    /// Says something, and gets lines.

    private func hear(_ user: Participant, _ said: [UInt8], _ lines: [String]) { hear(user, lines) }

    private func hear(_ user: Participant, _ lines: [String]) {
        for line in lines { user.receive(Array(line.utf8)) }
    }

    /// Has alice say three lines, which she gets.
    private func speak() {
        for number in 1...3 { hear(alice, alice.say(.message(length: 0)), ["MSG alice soaking \(number)"]) }
    }

    private var found: [Violation: Int] { violations.counts.filter { $0.value != 0 } }

    @Test("Nothing, where everything is as promised")
    func faultless() {
        speak()
        hear(bob, (1...3).map { "MSG alice soaking \($0)" })
        hear(bob, bob.say(.who), ["USER alice", "USER bob"])
        hear(bob, bob.say(.ping), ["PONG"])
        #expect(found.isEmpty)
        #expect(bob.isAnswered && bob.isUpToDate)
    }

    @Test("A line that is lost")
    func lost() {
        speak()
        hear(bob, ["MSG alice soaking 1", "MSG alice soaking 3"])
        #expect(found == [.lost: 1])
    }

    @Test("A line that comes twice")
    func duplicated() {
        speak()
        hear(bob, ["MSG alice soaking 1", "MSG alice soaking 1", "MSG alice soaking 2", "MSG alice soaking 3"])
        #expect(found == [.duplicated: 1])
    }

    @Test("Two lines in another order")
    func misordered() {
        speak()
        hear(bob, ["MSG alice soaking 2", "MSG alice soaking 1", "MSG alice soaking 3"])
        #expect(found == [.misordered: 1])
    }

    @Test("A reply that another line splits")
    func split() {
        speak()
        hear(bob, bob.say(.who), ["USER alice", "MSG alice soaking 1", "USER bob"])
        #expect(found == [.brokenReply: 1])
    }

    @Test("A user who is not there")
    func ghost() {
        hear(bob, bob.say(.who), ["USER alice", "USER bob", "USER carol"])
        #expect(found == [.ghost: 1])
    }

    @Test("A user who is there, and is not named")
    func missingUser() {
        hear(bob, bob.say(.who), ["USER carol", "USER bob"])
        #expect(found == [.ghost: 1, .missingUser: 1])
    }

    @Test("Users in another order than that of their logins")
    func unorderedUsers() {
        hear(bob, bob.say(.who), ["USER bob", "USER alice"])
        #expect(found == [.misordered: 1])
    }

    @Test("A reply that does not come")
    func unanswered() {
        hear(bob, bob.say(.ping), [])
        hear(bob, bob.say(.nonsense), ["ERR unknown-command"])
        #expect(found == [.lost: 1])
    }

    @Test("A direct message that is lost, and one that comes twice")
    func direct() {
        for _ in 1...3 { _ = alice.say(.direct(to: "bob")) }
        hear(bob, ["DM alice soaking 1", "DM alice soaking 3", "DM alice soaking 3"])
        #expect(found == [.lost: 1, .duplicated: 1])
    }

    @Test("More memory than before, descriptors and threads")
    func growth() {
        let before = Footprint(descriptors: 40, threads: 6, resident: 50 << 20, privateDirty: 30 << 20)
        let small = Footprint(descriptors: 40, threads: 6, resident: 59 << 20, privateDirty: 37 << 20)
        small.judge(against: before, violations)
        #expect(found.isEmpty)
        let large = Footprint(descriptors: 41, threads: 7, resident: 60 << 20, privateDirty: 38 << 20)
        large.judge(against: before, violations)
        #expect(found == [.mistreated: 4])
    }
}
