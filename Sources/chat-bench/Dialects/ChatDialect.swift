/// This project's protocol: PROTOCOL.md.
struct ChatDialect: Dialect {
    let echoes = true
    let startsTLSLater = false

    func opening(of name: String) -> [UInt8] { Array("LOGIN \(name)\n".utf8) }

    func step(for line: String, as name: String) -> EntryStep {
        if line == "OK" { return .entered }
        return line.hasPrefix("ERR ") ? .refused : .wait
    }

    func say(_ text: [UInt8]) -> [UInt8] { Array("MSG ".utf8) + text + Array("\n".utf8) }

    func isPrivate(_ line: UnsafeRawBufferPointer) -> Bool { false }

    func answer(to line: [UInt8]) -> [UInt8] { [] }
}
