import TestSupport
import Testing

/// PROTOCOL.md's table, row by row, as users see it.
@Suite("Commands", .timeLimit(.minutes(1)))
struct CommandScenarios {
    @Test("The server says nothing before the client has spoken", arguments: Deployment.all)
    func noGreeting(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let client = try server.connect()
            #expect(await client.linesUntilPong() == [])
        }
    }

    @Test("LOGIN: OK for the user, and the others are told", arguments: Deployment.all)
    func login(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let alice = try await server.login("alice")
            let bob = try await server.login("Bob")
            #expect(await alice.line() == "INFO Bob joined the chat")
            #expect(await bob.linesUntilPong() == [])
        }
    }

    @Test("LOGIN under a name in use, in any case", arguments: Deployment.all)
    func usernameTaken(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let alice = try await server.login("Straße")
            let other = try server.connect()
            other.say("LOGIN STRASSE", "LOGIN strasse2")
            #expect(await other.lines(2) == ["ERR username-taken", "OK"])
            #expect(await alice.line() == "INFO strasse2 joined the chat")
        }
    }

    @Test("LOGIN when already logged in, and under what is no name", arguments: Deployment.all)
    func loginErrors(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let client = try server.connect()
            client.say("LOGIN", "LOGIN a b", "LOGIN \u{1B}[2J", "login Ame\u{301}lie", "LOGIN b")
            #expect(
                await client.lines(5) == [
                    "ERR usage LOGIN <username>", "ERR invalid-username", "ERR invalid-username", "OK",
                    "ERR already-logged-in",
                ])
            client.say("WHO")
            #expect(await client.line()?.unicodeScalars.elementsEqual("USER Amélie".unicodeScalars) == true)
        }
    }

    @Test("MSG goes to everybody who is logged in, the sender included", arguments: Deployment.all)
    func message(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let stranger = try server.connect()
            let alice = try await server.login("alice")
            let bob = try await server.login("bob")
            _ = await alice.line()
            bob.say("msg  hello  world \t")
            for client in [alice, bob] { #expect(await client.line() == "MSG bob hello  world") }
            #expect(await stranger.linesUntilPong() == [])
        }
    }

    @Test("WHO lists the users in the order in which they logged in", arguments: Deployment.all)
    func who(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let users = [try await server.login("c"), try await server.login("a"), try await server.login("b")]
            users[2].say("who")
            #expect(await users[2].lines(3) == ["USER c", "USER a", "USER b"])
        }
    }

    @Test("DM goes to that user only, and the sender gets nothing", arguments: Deployment.all)
    func direct(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let users = [try await server.login("a"), try await server.login("b"), try await server.login("c")]
            _ = await users[0].lines(2)
            _ = await users[1].line()
            users[0].say("DM B psst", "DM nobody hi")
            #expect(await users[1].line() == "DM a psst")
            #expect(await users[0].line() == "ERR user-not-found")
            for user in users { #expect(await user.linesUntilPong() == []) }
        }
    }

    @Test("PING and HELP, before LOGIN and behind it", arguments: Deployment.all)
    func pingAndHelp(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let client = try server.connect()
            client.say("PING", "HELP", "LOGIN a", "ping", "help")
            let lines = await client.lines(17)
            #expect(lines.first == "PONG")
            #expect(lines[1...7].allSatisfy { $0.hasPrefix("INFO ") })
            #expect(Array(lines[8...9]) == ["OK", "PONG"])
            #expect(lines[10...] == lines[1...7])
        }
    }

    @Test("EXIT and QUIT close the connection, and the others are told", arguments: Deployment.all, ["EXIT", "quit"])
    func exit(_ deployment: Deployment, word: String) async throws {
        try await withServer(deployment) { server in
            let alice = try await server.login("alice")
            let bob = try await server.login("bob")
            bob.say("MSG bye", word, "MSG never said")
            #expect(await bob.remainingLines() == ["MSG bob bye"])
            #expect(
                await alice.lines(3) == ["INFO bob joined the chat", "MSG bob bye", "INFO bob disconnected"])
            let stranger = try server.connect()
            stranger.say(word)
            #expect(await stranger.remainingLines() == [])
        }
    }

    @Test("A command that lacks an argument, and one that does not exist", arguments: Deployment.all)
    func usage(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let client = try await server.login("a")
            client.say("MSG", "MSG  ", "DM", "DM a", "SHOUT")
            #expect(
                await client.lines(5) == [
                    "ERR usage MSG <text>", "ERR usage MSG <text>", "ERR usage DM <username> <text>",
                    "ERR usage DM <username> <text>", "ERR unknown-command",
                ])
        }
    }

    @Test("Anything but LOGIN, PING, HELP and EXIT before LOGIN", arguments: Deployment.all)
    func notLoggedIn(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let client = try server.connect()
            client.say("MSG hi", "WHO", "DM a b", "nonsense")
            #expect(await client.lines(4) == Array(repeating: "ERR not-logged-in", count: 4))
        }
    }
}
