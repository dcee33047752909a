import ChatProtocol
import ChatState
import OrderSupport
import Testing

/// Users whose names a certificate owns.
struct IdentityTests {
    let audience = Audience()

    private func replies(to login: String, owning names: [String]) -> [String] {
        let audience = Audience()
        let client = audience.connect()
        audience.identify(client, by: names)
        audience.say(client, login)
        return audience.take(client)
    }

    @Test(
        "LOGIN only under the first name in the certificate that is a username",
        arguments: [["alice"], ["*.example.org", "alice", "bob"], ["no name", "alice"], ["ALICE"]])
    func match(_ names: [String]) {
        #expect(replies(to: "LOGIN Alice", owning: names) == ["OK"])
        #expect(replies(to: "LOGIN bob", owning: names) == ["ERR username-mismatch"])
    }

    @Test("A certificate without a username logs in nobody", arguments: [[], ["*.example.org", "a b"]])
    func noName(_ names: [String]) {
        #expect(replies(to: "LOGIN alice", owning: names) == ["ERR username-mismatch"])
    }

    @Test("A mismatch does not end the session, and errors in the name itself are reported first")
    func mismatchGoesOn() {
        let client = audience.connect()
        audience.identify(client, by: ["alice"])
        audience.say(client, "LOGIN a b", "LOGIN bob", "LOGIN alice", "LOGIN bob")
        #expect(
            audience.take(client) == [
                "ERR invalid-username", "ERR username-mismatch", "OK", "ERR already-logged-in",
            ])
    }

    @Test("The owner takes the name back: the other user is told and disconnected, and everybody sees that in order")
    func reclaim() {
        let (bob, pretender) = (audience.connect(as: "bob"), audience.connect(as: "Alice"))
        let owner = audience.connect()
        audience.identify(owner, by: ["alice"])
        audience.say(owner, "LOGIN alice", "WHO")
        #expect(audience.take(pretender) == ["ERR username-reclaimed"])
        #expect(pretender.hasEnded)
        #expect(audience.take(bob) == ["INFO Alice disconnected", "INFO alice joined the chat"])
        #expect(audience.take(owner) == ["OK", "USER bob", "USER alice"])
    }

    @Test("A user that has lost its name says nothing under it any more, even if its loop does not know that yet")
    func reclaimedSpeaks() {
        let (bob, pretender) = (audience.connect(as: "bob"), audience.connect(as: "alice"))
        let owner = audience.connect()
        audience.identify(owner, by: ["alice"])
        audience.say(owner, "LOGIN alice")
        audience.say(pretender, "MSG evil", "DM bob evil", "WHO", "PING", "nonsense", "DM nobody x")
        audience.close(pretender, for: .idleTimeout)
        audience.say(owner, "MSG good")
        #expect(audience.take(pretender) == ["ERR username-reclaimed"])
        #expect(audience.take(owner) == ["OK", "MSG alice good"])
        #expect(
            audience.take(bob) == ["INFO alice disconnected", "INFO alice joined the chat", "MSG alice good"])
        // Its end does not log out the owner.
        audience.end(pretender)
        audience.say(bob, "WHO")
        #expect(audience.take(bob) == ["USER bob", "USER alice"])
    }

    @Test("The name of an owner is taken, for another connection of the same owner too")
    func ownedNameIsTaken() {
        let owner = audience.connect(as: "alice", owning: ["alice"])
        for isVerified in [false, true] {
            let other = audience.connect()
            if isVerified { audience.identify(other, by: ["alice"]) }
            audience.say(other, "LOGIN alice")
            #expect(audience.take(other) == ["ERR username-taken"])
        }
        #expect(audience.take(owner) == [])
    }
}
