/// That of the floor: the sender says the very bytes that everybody receives.
struct VerbatimDialect: Dialect {
    let echoes = true
    let startsTLSLater = false

    func opening(of name: String) -> [UInt8] { [] }

    func step(for line: String, as name: String) -> EntryStep { .entered }

    func say(_ text: [UInt8]) -> [UInt8] { Array("MSG verbatim ".utf8) + text + Array("\n".utf8) }

    func isPrivate(_ line: UnsafeRawBufferPointer) -> Bool { false }

    func answer(to line: [UInt8]) -> [UInt8] { [] }
}
