/// The client protocol of NATS, with one subject.
///
/// Source: https://docs.nats.io/reference/reference-protocols/nats-protocol
struct NATSDialect: Dialect {
    let echoes = true
    let startsTLSLater = true

    func opening(of name: String) -> [UInt8] {
        // PONG comes when the subscription is in force.
        Array("CONNECT {\"verbose\":false,\"pedantic\":false,\"name\":\"\(name)\"}\r\nSUB bench 1\r\nPING\r\n".utf8)
    }

    func step(for line: String) -> EntryStep {
        if line == "PONG" { return .entered }
        if line == "PING" { return .send(Array("PONG\r\n".utf8)) }
        return line.hasPrefix("-ERR") ? .refused : .wait
    }

    func say(_ text: [UInt8]) -> [UInt8] { Array("PUB bench \(text.count)\r\n".utf8) + text + Array("\r\n".utf8) }

    func isPrivate(_ line: UnsafeRawBufferPointer) -> Bool { line.starts(with: "PING".utf8) }

    func answer(to line: [UInt8]) -> [UInt8] { Array("PONG\r\n".utf8) }
}
