import ChatProtocol
import Testing

struct ReplyTests {
    @Test("Every reply is whole lines, each ended by one LF, without a character that harms a terminal")
    func lines() throws {
        let name = try #require(Username("Zoë"))
        let replies: [Reply] = [
            .ok, .pong, .help, .error(.usage(.direct)), .users([name]), .joined(name), .disconnected(name),
            .shuttingDown,
        ]
        for reply in replies {
            let lines = reply.bytes.split(separator: 10, omittingEmptySubsequences: false)
            #expect(lines.last?.isEmpty == true)
            for line in lines.dropLast() {
                #expect(!line.isEmpty)
                #expect(sanitised(Array(line)) == Array(line))
            }
        }
    }

    @Test("HELP has an INFO line for each command")
    func help() {
        let lines = String(decoding: Reply.help.bytes, as: UTF8.self).split(separator: "\n")
        let words = lines.map { $0.split(separator: " ").prefix(2).map(String.init) }
        #expect(words == ["LOGIN", "MSG", "WHO", "DM", "PING", "HELP", "EXIT"].map { ["INFO", $0] })
    }
}
