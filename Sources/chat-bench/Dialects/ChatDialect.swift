/// This project's protocol: PROTOCOL.md.
struct ChatDialect: Dialect {
    let echoes = true

    func opening(of name: String) -> [UInt8] { Array("LOGIN \(name)\n".utf8) }

    func step(for line: String) -> EntryStep {
        if line == "OK" { return .entered }
        return line.hasPrefix("ERR ") ? .refused : .wait
    }

    func say(_ text: [UInt8]) -> [UInt8] { Array("MSG ".utf8) + text + Array("\n".utf8) }
}
