import Testing

@testable import chat_bench

@Suite("The words of the servers' protocols")
struct DialectTests {
    @Test(
        "How a client enters the room, line by line",
        arguments: [
            (.chat, "OK", .entered), (.chat, "ERR username-taken", .refused),
            (.chat, "INFO eve joined the chat", .wait),
            (.irc, ":irc.example 001 b1 :Welcome", .send(Array("JOIN #bench\r\n".utf8))),
            (.irc, ":irc.example 366 b1 #bench :End of /NAMES list.", .entered),
            (.irc, ":irc.example 433 * b1 :Nickname is already in use", .refused),
            (.irc, "ERROR :Closing link", .refused), (.irc, "PING :12345", .send(Array("PONG :12345\r\n".utf8))),
            (.irc, ":irc.example 353 b1 = #bench :b1 b2", .wait),
            (.nats, "INFO {}", .wait), (.nats, "PONG", .entered), (.nats, "PING", .send(Array("PONG\r\n".utf8))),
            (.nats, "-ERR 'maximum connections exceeded'", .refused),
        ] as [(DialectName, String, EntryStep)])
    func entry(name: DialectName, line: String, step: EntryStep) {
        #expect(name.dialect.step(for: line) == step)
    }

    @Test(
        "How a text is said",
        arguments: [
            (.chat, "MSG hello\n"), (.irc, "PRIVMSG #bench :hello\r\n"), (.nats, "PUB bench 5\r\nhello\r\n"),
        ] as [(DialectName, String)])
    func say(name: DialectName, line: String) {
        #expect(String(decoding: name.dialect.say(Array("hello".utf8)), as: UTF8.self) == line)
    }
}
