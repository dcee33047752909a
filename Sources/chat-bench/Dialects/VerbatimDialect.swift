/// That of the floor: the sender says the very bytes that everybody receives.
struct VerbatimDialect: Dialect {
    let echoes = true

    func opening(of name: String) -> [UInt8] { [] }

    func step(for line: String) -> EntryStep { .entered }

    func say(_ text: [UInt8]) -> [UInt8] { Array("MSG verbatim ".utf8) + text + Array("\n".utf8) }
}
