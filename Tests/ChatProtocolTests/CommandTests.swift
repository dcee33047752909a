import ChatProtocol
import Testing

/// A command with its arguments as text.
private func parse(_ line: String) -> (command: Command, arguments: [String]) {
    let bytes = Array(line.utf8)
    let command = Command(bytes.span)
    let ranges: [Range<Int>] =
        switch command {
        case .login(let name): [name]
        case .message(let text): [text]
        case .direct(let name, let text): [name, text]
        default: []
        }
    return (command, ranges.map { String(decoding: bytes[$0], as: UTF8.self) })
}

struct CommandTests {
    @Test(
        "Command words are case-insensitive, and white space around them and their arguments is trimmed",
        arguments: ["MSG hi there", "msg hi there", "mSg\thi there", "  MSG   hi there \t"])
    func trimming(_ line: String) {
        #expect(parse(line).arguments == ["hi there"])
    }

    @Test("White space inside a message is kept")
    func innerSpace() {
        #expect(parse("MSG  a \t b  ").arguments == ["a \t b"])
        #expect(parse("DM  bob   a  b ").arguments == ["bob", "a  b"])
    }

    @Test("A name with white space inside is one argument, for the name's rules to refuse")
    func nameWithSpace() {
        #expect(parse("LOGIN a b").arguments == ["a b"])
    }

    @Test("Commands without arguments, with something behind them too")
    func withoutArguments() {
        for suffix in ["", " ", " now"] {
            #expect(parse("WHO\(suffix)").command == .who)
            #expect(parse("ping\(suffix)").command == .ping)
            #expect(parse("Help\(suffix)").command == .help)
            #expect(parse("EXIT\(suffix)").command == .exit)
            #expect(parse("quit\(suffix)").command == .exit)
        }
    }

    @Test("A command that lacks an argument")
    func incomplete() {
        #expect(parse("LOGIN").command == .incomplete(.login))
        #expect(parse("MSG \t").command == .incomplete(.message))
        #expect(parse("DM").command == .incomplete(.direct))
        #expect(parse("DM bob").command == .incomplete(.direct))
        #expect(parse("DM bob ").command == .incomplete(.direct))
    }

    @Test("A blank line asks for nothing", arguments: ["", " ", "\t \t"])
    func blank(_ line: String) {
        #expect(parse(line).command == .blank)
    }

    @Test(
        "Anything else is unknown",
        arguments: ["MSGS a", "MS", "LOGOUT", "DMs", "hello", "-", "M\u{FFFD}G x", "\rMSG", "mýg"])
    func unknown(_ line: String) {
        #expect(parse(line).command == .unknown)
    }

    @Test(
        "The Host header of an HTTP request, whose request line may have been too long",
        arguments: ["Host: x", "host:"])
    func hostHeader(_ line: String) {
        #expect(parse(line).command == .httpRequest)
    }

    @Test(
        "An HTTP request line",
        arguments: ["GET / HTTP/1.1", "POST /x?y HTTP/1.0", "OPTIONS * HTTP/2.0", "PRI * HTTP/2.0"])
    func httpRequest(_ line: String) {
        #expect(parse(line).command == .httpRequest)
    }

    @Test(
        "What merely looks like an HTTP request is none",
        arguments: ["GET /", "GET HTTP/1.1", "GET / http/1.1", "GET / HTTP/1", "GET / HTTP/11", "GET / x HTTP/1.1"])
    func notHTTP(_ line: String) {
        #expect(parse(line).command == .unknown)
    }

    @Test("A message about HTTP is a message")
    func messageAboutHTTP() {
        #expect(parse("MSG try HTTP/1.1").arguments == ["try HTTP/1.1"])
    }
}
