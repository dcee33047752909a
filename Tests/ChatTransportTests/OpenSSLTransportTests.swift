import ChatTransport
import EventLoop
import TestSupport
import Testing

struct OpenSSLTransportTests {
    typealias Version = TLSClientOptions.Version

    private static func bytes(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
        (0..<count).map { _ in .random(in: 0...255, using: &random) }
    }

    private func records(in stream: ArraySlice<UInt8>) -> [(type: UInt8, length: Int)] {
        var records: [(UInt8, Int)] = []
        var rest = stream
        while rest.count >= 5 {
            let header = Array(rest.prefix(5))
            let length = Int(header[3]) << 8 | Int(header[4])
            records.append((header[0], length))
            rest = rest.dropFirst(5 + length)
        }
        return records
    }

    @Test(
        "Property: what both ends say arrives whole, however the bytes between them are cut and delayed",
        arguments: [Version.tls12, .tls13], [1, 7, 300, 20_000])
    func anyCut(_ version: Version, _ chunk: Int) throws {
        var random = SeededGenerator()
        for _ in 0..<5 {
            let bench = try TLSBench(chunk: chunk, random: random) { $0.maximumVersion = version }
            let size = chunk == 1 ? 3_000 : 60_000
            let serverText = Self.bytes(.random(in: 0...size, using: &random), &random)
            let clientText = Self.bytes(.random(in: 0...size, using: &random), &random)
            (bench.serverSays, bench.clientSays) = (serverText, clientText)
            (bench.serverEnds, bench.clientEnds) = (true, true)
            try bench.run { $0.serverSawEnd && $0.clientEnding != nil }
            #expect(bench.serverHeard == clientText, "\(random)")
            #expect(bench.clientHeard == serverText, "\(random)")
            #expect(bench.clientEnding == .closeNotify)
        }
    }

    @Test("A chain above 4 KiB passes a send buffer that is smaller", arguments: [5_000, 17_000])
    func longChain(_ padding: Int) throws {
        let authority = try TestAuthority()
        let bench = try TLSBench(authority.issue(padding: padding), chunk: 700, sendBuffer: 1_024) {
            $0.authority = authority.certificate
        }
        bench.serverSays = Array("hello\n".utf8)
        try bench.run { $0.clientHeard.count == 6 }
        #expect(bench.relay.passedToClient.count > padding)
    }

    @Test("A batch is one record, and a larger one as few as can hold it", arguments: [Version.tls12, .tls13])
    func records(_ version: Version) throws {
        for (size, expected) in [(1, 1), (10_000, 1), (16_384, 1), (40_000, 3)] {
            let bench = try TLSBench { $0.maximumVersion = version }
            bench.serverSays = [0x78]
            try bench.run { $0.clientHeard.count == 1 }
            let start = bench.relay.passedToClient.count
            bench.serverSays = [UInt8](repeating: 0x78, count: size)
            try bench.run { $0.clientHeard.count == 1 + size }
            let records = records(in: bench.relay.passedToClient[start...])
            #expect(records.count == expected)
            #expect(records.allSatisfy { $0.type == 23 })
        }
    }

    @Test(
        "A client that has asked for short records gets short ones, and every byte",
        arguments: [Version.tls12, .tls13],
        [512, 4_096])
    func shortRecords(_ version: Version, _ length: Int) throws {
        var random = SeededGenerator()
        let bench = try TLSBench(chunk: 700, sendBuffer: 1) {
            $0.maximumVersion = version
            $0.maximumFragmentLength = length
        }
        bench.serverSays = [0x78]
        try bench.run { $0.clientHeard.count == 1 }
        let start = bench.relay.passedToClient.count
        let text = Self.bytes(60_000, &random)
        (bench.serverSays, bench.serverEnds) = (text, true)
        try bench.run { $0.clientEnding != nil }
        #expect(bench.clientHeard.dropFirst().elementsEqual(text))
        // Encryption adds some bytes.
        #expect(records(in: bench.relay.passedToClient[start...]).allSatisfy { $0.length <= length + 64 })
    }

    @Test("A handshake of TLS 1.3 ends with one session ticket")
    func oneTicket() throws {
        let bench = try TLSBench()
        try bench.run { $0.clientIsEstablished }
        let start = bench.relay.passedToClient.count
        #expect(!bench.isEstablished)
        try bench.establish()
        bench.serverSays = Array("x".utf8)
        try bench.run { $0.clientHeard.count == 1 }
        #expect(records(in: bench.relay.passedToClient[start...]).count == 2)
    }

    @Test("One write takes more than a record holds")
    func longWrite() throws {
        var random = SeededGenerator()
        let text = Self.bytes(3 * Record.maximumSize, &random)
        let bench = try TLSBench()
        try bench.establish()
        #expect(try bench.transport.write(text.span) == .bytes(text.count))
        try bench.run { $0.clientHeard.count == text.count }
        #expect(bench.clientHeard.elementsEqual(text))
    }

    @Test("A client that does not read for a while gets megabytes whole")
    func slowReader() throws {
        var random = SeededGenerator()
        let text = Self.bytes(4 << 20, &random)
        let bench = try TLSBench(sendBuffer: 4_096)
        try bench.establish()
        // The client is not stepped: it does not read.
        let written = try bench.fill(from: text)
        #expect(bench.transport.unfinishedSize == Record.maximumSize)
        #expect(try bench.transport.write(text.span.extracting(written...)) == .waits(for: .writable))
        bench.serverSays = Array(text[written...])
        try bench.run { $0.clientHeard.count == text.count }
        #expect(bench.clientHeard.elementsEqual(text))
    }

    @Test("What is left of a record leaves before anything else, whichever call comes next", arguments: 0..<3)
    func unfinishedRecord(_ next: Int) throws {
        var random = SeededGenerator()
        let text = Self.bytes(1 << 20, &random)
        let bench = try TLSBench(sendBuffer: 4_096)
        try bench.establish()
        let written = try bench.fill(from: text)
        switch next {
        case 0: #expect(try bench.transport.flush() == .waits(for: .writable))
        case 1: #expect(try bench.transport.write([0x78].span) == .waits(for: .writable))
        default: #expect(try bench.transport.shutDown(closes: false) == .waits(for: .writable))
        }
        bench.serverEnds = true
        try bench.run { $0.clientEnding != nil }
        #expect(bench.clientEnding == .closeNotify)
        #expect(bench.clientHeard.elementsEqual(text.prefix(written)))
        #expect(bench.transport.unfinishedSize == 0)
    }

    @Test("A client that has ended its stream still gets what it is owed", arguments: [Version.tls12, .tls13])
    func halfClose(_ version: Version) throws {
        let bench = try TLSBench { $0.maximumVersion = version }
        (bench.clientSays, bench.clientEnds) = (Array("last".utf8), true)
        try bench.run { $0.serverSawEnd }
        #expect(bench.serverHeard == Array("last".utf8))
        (bench.serverSays, bench.serverEnds) = (Array("reply".utf8), true)
        try bench.run { $0.clientEnding != nil }
        #expect(bench.clientHeard == Array("reply".utf8))
        #expect(bench.clientEnding == .closeNotify)
    }

    @Test("A stream that ends without close_notify is cut off", arguments: [Version.tls12, .tls13])
    func truncation(_ version: Version) throws {
        let bench = try TLSBench { $0.maximumVersion = version }
        bench.clientSays = Array("whole".utf8)
        try bench.run { $0.serverHeard.count == 5 }
        bench.relay.cutClient(after: 0)
        #expect(throws: TransportError.truncated) { try bench.run { $0.serverSawEnd } }
        // Errors stick.
        #expect(throws: TransportError.truncated) { try bench.run { $0.serverSawEnd } }
    }

    @Test("A stream that ends in the middle of a record is cut off, and nothing of the record is read")
    func truncatedRecord() throws {
        for kept in [1, 4, 5, 6, 100] {
            let bench = try TLSBench()
            bench.clientSays = Array("whole".utf8)
            try bench.run { $0.serverHeard.count == 5 }
            bench.relay.cutClient(after: kept)
            bench.clientSays = [UInt8](repeating: 0x78, count: 1_000)
            #expect(throws: TransportError.truncated) { try bench.run { $0.serverSawEnd } }
            #expect(bench.serverHeard == Array("whole".utf8))
        }
    }

    @Test("A handshake that is cut off anywhere fails, and nothing worse", arguments: [Version.tls12, .tls13])
    func abortedHandshake(_ version: Version) throws {
        let whole = try TLSBench { $0.maximumVersion = version }
        try whole.establish()
        let length = whole.relay.passedToServer.count
        for kept in stride(from: 0, to: length, by: 7) {
            let bench = try TLSBench { $0.maximumVersion = version }
            bench.relay.cutClient(after: kept)
            #expect(throws: TransportError.truncated, "\(kept)") { try bench.run { $0.isEstablished } }
        }
    }

    @Test("A client may change its keys, and asks the server to do so")
    func keyUpdate() throws {
        let bench = try TLSBench()
        try bench.establish()
        for round in 1...20 {
            #expect(bench.client.updateKeys())
            (bench.clientSays, bench.serverSays) = (Array("ping".utf8), Array("pong".utf8))
            try bench.run { $0.serverHeard.count == 4 * round && $0.clientHeard.count == 4 * round }
        }
        #expect(bench.clientHeard == Array(String(repeating: "pong", count: 20).utf8))
    }

    @Test("A client that negotiates anew is refused, and the stream goes on")
    func renegotiation() throws {
        let bench = try TLSBench { $0.maximumVersion = .tls12 }
        try bench.establish()
        #expect(bench.client.renegotiate())
        bench.clientSays = Array("x".utf8)
        // The client gives up when it is told; the server has heard nothing.
        try bench.run { $0.clientEnding != nil }
        #expect(bench.clientEnding == .failed("SSL_read: no renegotiation"))
        #expect(bench.serverHeard == [])
    }

    @Test(
        "Garbage that is no text is OpenSSL's: what looks like TLS gets a fatal alert, anything else the end",
        arguments: [([22, 3, 1, 0, 5, 1, 0xFF, 0xFF, 0xFF, 0xFF], 7), ([0x80, 0xFF, 0, 1, 2, 3, 4, 5, 6, 7, 8], 0)])
    func garbage(_ bytes: [UInt8], _ answer: Int) throws {
        let (near, far) = try Socket.pair()
        let transport = try TLSBench().transport(over: near)
        #expect(try far.send(bytes.span) == bytes.count)
        let error = #expect(throws: TransportError.self) {
            for _ in 0..<3 { _ = try transport.establish() }
        }
        guard case .tls = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try transport.shutDown(closes: false) == .done)
        let received = try received(by: far)
        #expect(received.count == answer)
        #expect(received.isEmpty || received[0] == 21 && received[5] == 2)
    }

    @Test(
        "Text is answered in text by its first line, however it is cut",
        arguments: [
            (["LOGIN a\n"], "LOGIN a"), (["L", "O", "GIN a\r\nMSG b\n"], "LOGIN a"), (["\nLOGIN a\n"], ""),
            (["LOGIN a", ""], "LOGIN a"),
        ])
    func text(_ chunks: [String], _ line: String) throws {
        let (near, far) = try Socket.pair()
        let transport = try TLSBench().transport(over: near) { line in
            Array("told ".utf8) + line.withUnsafeBufferPointer { Array($0) }
        }
        for (index, chunk) in chunks.enumerated() {
            if chunk.isEmpty { try far.shutdownSending() } else { _ = try far.send(Array(chunk.utf8).span) }
            guard index == chunks.count - 1 else {
                for _ in 0..<3 { #expect(try transport.establish() == .waits(for: .readable)) }
                continue
            }
            #expect(throws: TransportError.wrongTransport("plain text")) {
                for _ in 0..<3 { _ = try transport.establish() }
            }
        }
        #expect(try transport.shutDown(closes: false) == .done)
        #expect(try String(decoding: received(by: far), as: UTF8.self) == "told \(line)")
    }

    private func received(by socket: Socket) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 64)
        var span = buffer.mutableSpan
        let count = try socket.receive(into: &span) ?? 0
        return Array(buffer.prefix(count))
    }

    @Test("Text without an end of line is answered when there is too much of it")
    func endlessText() throws {
        let (near, far) = try Socket.pair()
        let transport = try TLSBench().transport(over: near) { line in [UInt8(clamping: line.count >> 8)] }
        #expect(try far.send([UInt8](repeating: 0x41, count: 5_000).span) == 5_000)
        #expect(try transport.establish() == .waits(for: .readable))
        #expect(throws: TransportError.wrongTransport("plain text")) { try transport.establish() }
    }

    @Test("The end is told by close_notify, and by the socket unless that closes at once", arguments: [false, true])
    func end(closes: Bool) throws {
        let bench = try TLSBench()
        try bench.establish()
        #expect(try bench.transport.shutDown(closes: closes) == .done)
        try bench.run { $0.clientEnding != nil }
        #expect(bench.clientEnding == .closeNotify)
        try bench.relay.step()
        #expect(bench.relay.serverHasEnded == !closes)
    }

    @Test("A peer that ends before it has said anything is cut off")
    func silentEnd() throws {
        let (near, far) = try Socket.pair()
        let transport = try TLSBench().transport(over: near)
        try far.shutdownSending()
        #expect(try transport.establish() == .waits(for: .readable))
        #expect(throws: TransportError.truncated) { try transport.establish() }
    }

    @Test("Property: a ClientHello with broken bytes, in any chunks, fails or waits for more, and nothing worse")
    func brokenHello() throws {
        var random = SeededGenerator()
        let bench = try TLSBench()
        let hello = try ClientConnection.hello(TLSClientOptions(authority: TestAuthority().certificate))
        for _ in 0..<500 {
            let (near, far) = try Socket.pair()
            let transport = bench.transport(over: near)
            var bytes = hello
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            var failure: TransportError?
            for chunk in random.chunks(of: bytes, upTo: hello.count) {
                _ = try? far.send(chunk.span)
                do throws(TransportError) {
                    for _ in 0..<2 { _ = try transport.establish() }
                } catch {
                    failure = failure ?? error
                    #expect(error == failure, "\(random)")
                }
            }
            _ = try transport.shutDown(closes: false)
            switch failure {
            case nil, .tls, .wrongTransport: break
            case .socket, .truncated: Issue.record("\(random): \(String(describing: failure))")
            }
        }
    }

    @Test("An error that another call has left on the thread is not the stream's")
    func staleError() throws {
        let bench = try TLSBench()
        var buffer = [UInt8](repeating: 0, count: Record.maximumSize)
        try bench.run { !$0.relay.passedToServer.isEmpty }
        StaleError.leave()
        try bench.establish()
        StaleError.leave()
        var span = buffer.mutableSpan
        #expect(try bench.transport.read(into: &span) == .waits(for: .readable))
        StaleError.leave()
        #expect(try bench.transport.write([0x78].span) == .bytes(1))
    }
}
