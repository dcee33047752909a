import ChatProtocol
import ChatState
import OrderSupport
import Testing

struct SessionTests {
    let audience = Audience()

    @Test("LOGIN: OK for the user, an INFO line for the other users")
    func login() {
        let alice = audience.connect()
        audience.say(alice, "LOGIN alice")
        #expect(audience.take(alice) == ["OK"])
        let bob = audience.connect()
        audience.say(bob, "login Bob")
        #expect(audience.take(bob) == ["OK"])
        #expect(audience.take(alice) == ["INFO Bob joined the chat"])
    }

    @Test("A name in use is taken, whatever its case, and the client may ask for another name")
    func taken() {
        let alice = audience.connect(as: "Alice")
        let other = audience.connect()
        audience.say(other, "LOGIN aLICE", "LOGIN Bob")
        #expect(audience.take(other) == ["ERR username-taken", "OK"])
        #expect(audience.take(alice) == ["INFO Bob joined the chat"])
    }

    @Test("LOGIN twice, in every form")
    func twice() {
        let alice = audience.connect(as: "alice")
        audience.say(alice, "LOGIN bob", "LOGIN alice", "LOGIN a b", "LOGIN")
        #expect(audience.take(alice) == Array(repeating: "ERR already-logged-in", count: 4))
    }

    @Test("LOGIN without a name, or with an invalid name")
    func invalidName() {
        let client = audience.connect()
        audience.say(client, "LOGIN", "LOGIN a b", "LOGIN a\u{1B}[2J")
        #expect(
            audience.take(client) == ["ERR usage LOGIN <username>", "ERR invalid-username", "ERR invalid-username"])
    }

    @Test("Before LOGIN, only LOGIN, PING, HELP and EXIT do something")
    func notLoggedIn() {
        let client = audience.connect()
        audience.say(client, "MSG hi", "MSG", "WHO", "DM a b", "DM", "nonsense")
        #expect(audience.take(client) == Array(repeating: "ERR not-logged-in", count: 6))
        audience.say(client, "PING", "HELP")
        #expect(audience.take(client).count == 8)
    }

    @Test("MSG goes to everybody, the sender included")
    func message() {
        let (alice, bob, stranger) = (audience.connect(as: "alice"), audience.connect(as: "bob"), audience.connect())
        audience.say(alice, "msg  hello  world ")
        for client in [alice, bob] { #expect(audience.take(client) == ["MSG alice hello  world"]) }
        #expect(audience.take(stranger) == [])
    }

    @Test("WHO lists everybody in the order of their logins, also after some have left")
    func who() {
        let users = ["d", "a", "c", "b"].map { audience.connect(as: $0) }
        audience.end(users[1])
        _ = audience.connect(as: "A")
        _ = audience.take(users[0])
        audience.say(users[0], "WHO")
        #expect(audience.take(users[0]) == ["USER d", "USER c", "USER b", "USER A"])
    }

    @Test("WHO stays in order and whole when hundreds have come and gone")
    func whoAfterChurn() {
        let first = audience.connect(as: "first")
        for round in 0..<10 { audience.end(audience.connect(as: "early\(round)")) }
        let middle = audience.connect(as: "middle")
        for round in 0..<200 { audience.end(audience.connect(as: "late\(round)")) }
        let last = audience.connect(as: "last")
        _ = audience.take(first)
        _ = audience.take(middle)
        audience.say(first, "WHO", "DM middle hi", "DM last hi")
        #expect(audience.take(first) == ["USER first", "USER middle", "USER last"])
        for client in [middle, last] { #expect(audience.take(client) == ["DM first hi"]) }
    }

    @Test("DM goes to one user, found in any case, and is not answered")
    func direct() {
        let (alice, bob, eve) = (
            audience.connect(as: "alice"), audience.connect(as: "Bob"), audience.connect(as: "eve")
        )
        audience.say(alice, "DM bOB  a  secret", "PING")
        #expect(audience.take(bob) == ["DM alice a  secret"])
        #expect(audience.take(alice) == ["PONG"])
        #expect(audience.take(eve) == [])
    }

    @Test("DM to oneself arrives")
    func directToOneself() {
        let alice = audience.connect(as: "alice")
        audience.say(alice, "DM alice note")
        #expect(audience.take(alice) == ["DM alice note"])
    }

    @Test("DM to nobody", arguments: ["nobody", "<x>", "\u{1B}"])
    func directToNobody(_ name: String) {
        let alice = audience.connect(as: "alice")
        audience.say(alice, "DM \(name) hi")
        #expect(audience.take(alice) == ["ERR user-not-found"])
    }

    @Test("A command without its argument, and an unknown command")
    func errors() {
        let alice = audience.connect(as: "alice")
        audience.say(alice, "MSG", "DM", "DM bob", "SHOUT hi")
        #expect(
            audience.take(alice) == [
                "ERR usage MSG <text>", "ERR usage DM <username> <text>", "ERR usage DM <username> <text>",
                "ERR unknown-command",
            ])
    }

    @Test("A line above the limit, and blank ones")
    func lines() {
        let alice = audience.connect(as: "alice")
        audience.sayTooLong(alice)
        audience.say(alice, "", " \t")
        #expect(audience.take(alice) == ["ERR line-too-long"])
    }

    @Test("EXIT and QUIT end the session, and the others are told", arguments: ["EXIT", "exit", "QUIT"])
    func exit(_ word: String) {
        let (alice, bob) = (audience.connect(as: "alice"), audience.connect(as: "bob"))
        audience.say(bob, "MSG bye", word, "MSG ghost")
        #expect(bob.hasEnded)
        #expect(audience.take(alice) == ["MSG bob bye", "INFO bob disconnected"])
        #expect(audience.take(bob) == ["MSG bob bye"])
    }

    @Test("The name is free as soon as its user has gone")
    func freeName() {
        let alice = audience.connect(as: "alice")
        audience.end(alice)
        let next = audience.connect()
        audience.say(next, "LOGIN Alice")
        #expect(audience.take(next) == ["OK"])
    }

    @Test("Ending twice tells the others once")
    func endTwice() {
        let (alice, bob) = (audience.connect(as: "alice"), audience.connect(as: "bob"))
        audience.end(bob)
        audience.end(bob)
        #expect(audience.take(alice) == ["INFO bob disconnected"])
    }

    @Test("An HTTP request line ends the session before its next line", arguments: [false, true])
    func httpRequest(isLoggedIn: Bool) {
        let client = isLoggedIn ? audience.connect(as: "alice") : audience.connect()
        audience.say(client, "POST / HTTP/1.1", "LOGIN evil")
        #expect(client.hasEnded)
        #expect(audience.take(client) == ["ERR unknown-command"])
    }

    @Test("A session that the server closes gets the reason as its last line")
    func closing() {
        let (alice, bob) = (audience.connect(as: "alice"), audience.connect(as: "bob"))
        audience.close(bob, for: .idleTimeout)
        audience.say(alice, "MSG still here")
        #expect(audience.take(bob) == ["ERR idle-timeout"])
        #expect(audience.take(alice) == ["INFO bob disconnected", "MSG alice still here"])
    }

    @Test("Bytes that could harm a terminal are replaced before anyone receives them")
    func sanitising() {
        let (alice, bob) = (audience.connect(as: "alice"), audience.connect(as: "bob"))
        audience.say(bob, bytes: Array("MSG \u{1B}[31m\u{9B}2J\u{202E}x".utf8) + [0x9B, 0xFF])
        #expect(audience.take(alice) == ["MSG bob \u{FFFD}[31m\u{FFFD}2J\u{FFFD}x\u{FFFD}\u{FFFD}"])
    }

    @Test("Replies, echoes and others' lines come in the order in which they were decided")
    func order() {
        let (alice, bob) = (audience.connect(as: "alice"), audience.connect(as: "bob"))
        audience.say(alice, "MSG 1", "PING")
        audience.say(bob, "MSG 2", "DM alice 3")
        audience.say(alice, "WHO", "MSG 4")
        #expect(
            audience.take(alice) == [
                "MSG alice 1", "PONG", "MSG bob 2", "DM bob 3", "USER alice", "USER bob", "MSG alice 4",
            ])
        #expect(audience.take(bob) == ["MSG alice 1", "MSG bob 2", "MSG alice 4"])
    }

    @Test("A new user gets the lines after its LOGIN and no earlier ones, also within one turn")
    func joiningWithinATurn() {
        let (alice, bob) = (audience.connect(as: "alice"), audience.connect())
        audience.say(alice, "MSG before")
        audience.say(bob, "LOGIN bob")
        audience.say(alice, "MSG after")
        #expect(audience.take(bob) == ["OK", "MSG alice after"])
        #expect(audience.take(alice) == ["MSG alice before", "INFO bob joined the chat", "MSG alice after"])
    }

    @Test("The shutdown line is the last line that anybody gets")
    func shutdown() {
        let alice = audience.connect(as: "alice")
        audience.say(alice, "MSG last")
        audience.order.close()
        audience.say(alice, "MSG too late", "PING")
        let late = audience.connect()
        audience.say(late, "LOGIN late")
        #expect(audience.take(alice) == ["MSG alice last", "INFO server shutting down"])
        #expect(audience.take(late) == ["INFO server shutting down"])
    }
}
