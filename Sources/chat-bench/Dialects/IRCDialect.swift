/// IRC in one channel: RFC 2812.
struct IRCDialect: Dialect {
    let echoes = false
    /// ngircd's listen queue is no longer.
    let newcomers = 8
    /// That of ngircd's read buffer, behind which it stalls.
    let longestRecord = 2_048

    func opening(of name: String) -> [UInt8] { Array("NICK \(name)\r\nUSER \(name) 0 * :\(name)\r\n".utf8) }

    func step(for line: String) -> EntryStep {
        if line.hasPrefix("PING") { return .send(answer(to: Array("\(line)\r\n".utf8))) }
        if line.hasPrefix("ERROR") { return .refused }
        switch line.split(separator: " ").dropFirst().first {
        // Welcome; the end of the list of names; errors of NICK and JOIN.
        case "001": return .send(Array("JOIN #bench\r\n".utf8))
        case "366": return .entered
        case "432", "433", "465", "471", "473", "474", "475": return .refused
        default: return .wait
        }
    }

    func say(_ text: [UInt8]) -> [UInt8] { Array("PRIVMSG #bench :".utf8) + text + Array("\r\n".utf8) }

    func isPrivate(_ line: UnsafeRawBufferPointer) -> Bool { line.starts(with: "PING".utf8) }

    func answer(to line: [UInt8]) -> [UInt8] { Array("PONG".utf8) + line.dropFirst("PING".utf8.count) }
}
