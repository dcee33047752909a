import ChatTransport
import EventLoop
import Glibc
import TestSupport
import Testing

/// What OpenSSL's own client never sends, against our end of TLS 1.3.
struct OpenSSLRecordTests {
    /// A record that a peer must not send.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// In OpenSSL's words.
        let alert: String
        let record: @Sendable (RecordForger) throws -> [UInt8]

        init(_ description: String, alert: String, _ record: @escaping @Sendable (RecordForger) throws -> [UInt8]) {
            testDescription = description
            self.alert = alert
            self.record = record
        }
    }

    private struct HandshakeFailure: Error {}

    /// RFC 8446, sections 4.1.2, 4.6.3, 5.1, 5.2 and 5.4.
    static let refusals = [
        Refusal("16,385 bytes", alert: "record overflow") {
            try $0.record([UInt8](repeating: 0x78, count: Record.maximumSize + 1))
        },
        Refusal("a header of more than may follow it", alert: "record overflow") { _ in
            RecordForger.header(length: Record.maximumSize + 257)
        },
        Refusal("a broken tag", alert: "bad record mac") {
            var record = try $0.record(Array("text".utf8))
            record[record.count - 1] ^= 1
            return record
        },
        Refusal("a header that shows the type", alert: "unexpected message") {
            var record = try $0.record(Array("text".utf8))
            record[0] = RecordForger.ContentType.handshake
            return record
        },
        Refusal("a tag only", alert: "bad record mac") { try $0.record(inner: []) },
        Refusal("padding only", alert: "unexpected message") { try $0.record(inner: [0, 0, 0, 0]) },
        Refusal("an unknown type", alert: "unexpected message") { try $0.record(Array("text".utf8), type: 99) },
        Refusal("an empty handshake record", alert: "unexpected message") {
            try $0.record([], type: RecordForger.ContentType.handshake)
        },
        Refusal("another message behind a KeyUpdate", alert: "unexpected message") {
            let message = RecordForger.keyUpdate(requested: false)
            return try $0.record(message + message, type: RecordForger.ContentType.handshake)
        },
        Refusal("a second ClientHello", alert: "unexpected message") {
            try $0.record([1, 0, 0, 0], type: RecordForger.ContentType.handshake)
        },
        Refusal("a flood of alerts that only warn", alert: "unexpected message") { forger in
            // user_canceled: RFC 8446, section 6.1.
            try (0..<100).flatMap { _ in try forger.record([1, 90], type: RecordForger.ContentType.alert) }
        },
        Refusal("text that is not encrypted", alert: "bad record mac") { _ in
            RecordForger.header(length: 20) + [UInt8](repeating: 0x78, count: 20)
        },
    ]

    let transport: OpenSSLTransport
    let near: Socket
    let far: Socket
    let client: ClientConnection
    let forger: RecordForger

    init() throws {
        // OpenSSL writes without MSG_NOSIGNAL.
        signal(SIGPIPE, SIG_IGN)
        let authority = try TestAuthority()
        let context = try ReloadableTLSContext(TLSMaterial(authority.issue()), policy: TLSPolicy()).current
        (near, far) = try Socket.pair()
        transport = OpenSSLTransport(near, context) { _ in [] }
        var options = TLSClientOptions(authority: authority.certificate)
        options.minimumVersion = .tls13
        options.cipherSuites = RecordForger.cipherSuite
        client = try ClientConnection(options, over: far.descriptor)
        try Self.handshake(client, transport)
        forger = try RecordForger(client)
        // Takes in the session ticket.
        _ = Self.read(client)
    }

    private static func handshake(_ client: ClientConnection, _ transport: OpenSSLTransport) throws {
        for _ in 0..<10 {
            let step = client.handshake()
            if case .bytes = step, try transport.establish() == .done { return }
            guard case .waits = step else { break }
            _ = try transport.establish()
        }
        throw HandshakeFailure()
    }

    private func send(_ records: [[UInt8]]) throws {
        let bytes = records.flatMap { $0 }
        try #require(try far.send(bytes.span) == bytes.count)
    }

    /// What one read brings, with the bytes.
    private func read() throws -> (progress: ReadProgress, text: String) {
        var buffer = [UInt8](repeating: 0, count: Record.maximumSize)
        var span = buffer.mutableSpan
        let progress = try transport.read(into: &span)
        guard case .bytes(let count) = progress else { return (progress, "") }
        return (progress, String(decoding: buffer.prefix(count), as: UTF8.self))
    }

    /// How often a read brings nothing before one brings text, and the text.
    private func readText(within limit: Int) throws -> (waits: Int, text: String)? {
        for waits in 0..<limit {
            let (progress, text) = try read()
            if case .bytes = progress { return (waits, text) }
        }
        return nil
    }

    /// What one read brings the client.
    private static func read(_ client: ClientConnection) -> (step: TunnelStep, text: String) {
        var buffer = [UInt8](repeating: 0, count: Record.maximumSize)
        let step = buffer.withUnsafeMutableBytes { client.read(into: $0) }
        guard case .bytes(let count) = step else { return (step, "") }
        return (step, String(decoding: buffer.prefix(count), as: UTF8.self))
    }

    private func expectAlert(_ alert: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let step = Self.read(client).step
        guard case .failed(.failed(let reason)) = step else {
            Issue.record("The client sees no alert but \(step)", sourceLocation: sourceLocation)
            return
        }
        #expect(reason.hasSuffix("alert \(alert)"), sourceLocation: sourceLocation)
    }

    private func expectRefusal(sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(sourceLocation: sourceLocation) {
            _ = try read()
        } throws: {
            if case TransportError.tls = $0 { true } else { false }
        }
    }

    /// What has come and is not received yet, as far as it matters.
    private func waiting(in socket: Socket) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var span = buffer.mutableSpan
        let count = try socket.peek(into: &span) ?? 0
        return Array(buffer.prefix(count))
    }

    /// The length of each record, by its header.
    private func lengths(ofRecords bytes: [UInt8]) -> [Int] {
        var lengths: [Int] = []
        var start = 0
        while start + 5 <= bytes.count {
            lengths.append(Int(bytes[start + 3]) << 8 | Int(bytes[start + 4]))
            start += 5 + lengths[lengths.count - 1]
        }
        return lengths
    }

    private func textRecord(_ text: String, padding: Int = 0) throws -> [UInt8] {
        try forger.record(Array(text.utf8), padding: padding)
    }

    private func emptyRecords(_ count: Int) throws -> [[UInt8]] {
        try (0..<count).map { _ in try forger.record([]) }
    }

    /// A record with a KeyUpdate, behind which the forger uses the new keys.
    private func keyUpdateRecord(requested: Bool) throws -> [UInt8] {
        let message = RecordForger.keyUpdate(requested: requested)
        let record = try forger.record(message, type: RecordForger.ContentType.handshake)
        try forger.updateKeys()
        return record
    }

    @Test("Text between empty records arrives")
    func textBetweenEmptyRecords() throws {
        try send(emptyRecords(2) + [textRecord("a")] + emptyRecords(2) + [textRecord("b")])
        #expect(try read().text == "a")
        #expect(try read().text == "b")
        #expect(try read().progress == .waits(for: .readable))
    }

    @Test("Empty records are harmless, 20 in a row, as often as text comes between")
    func harmlessEmptyRecords() throws {
        for number in 0..<10 {
            try send(emptyRecords(20) + [textRecord("\(number)")])
            #expect(try read().text == "\(number)")
        }
    }

    /// OpenSSL takes in 32 of them in one read, whatever its mode, and refuses the next: MAX_EMPTY_RECORDS.
    @Test("A flood of empty records ends the stream, and most of it is not even read")
    func floodOfEmptyRecords() throws {
        let flood = try emptyRecords(500)
        try send(flood)
        expectRefusal()
        expectAlert("unexpected message")
        #expect(try waiting(in: near).count > 450 * flood[0].count)
    }

    @Test("Padding is no text", arguments: [1, 255, 16_000])
    func padding(_ count: Int) throws {
        try send([textRecord("padded", padding: count)])
        #expect(try read().text == "padded")
    }

    @Test("A record of 16,384 bytes arrives whole by one read")
    func fullRecord() throws {
        let text = String(repeating: "x", count: Record.maximumSize)
        try send([textRecord(text), textRecord("next")])
        #expect(try read().text == text)
        #expect(try read().text == "next")
    }

    @Test("What no peer may send is refused by an alert, and nothing of it or behind it arrives", arguments: refusals)
    func refused(_ refusal: Refusal) throws {
        try send([textRecord("before"), refusal.record(forger), textRecord("behind")])
        #expect(try read().text == "before")
        expectRefusal()
        expectAlert(refusal.alert)
        expectRefusal()
    }

    @Test("A replayed record is refused")
    func replay() throws {
        let record = try textRecord("once")
        try send([record, record])
        #expect(try read().text == "once")
        expectRefusal()
        expectAlert("bad record mac")
    }

    @Test("A KeyUpdate that asks for one is answered before the next text, under new keys")
    func keyUpdate() throws {
        try send([keyUpdateRecord(requested: true), textRecord("new keys")])
        #expect(try readText(within: 2)?.text == "new keys")
        #expect(try transport.write(Array("answer".utf8).span) == .bytes(6))
        // A KeyUpdate has 5 bytes, and each record a type and a tag.
        #expect(try lengths(ofRecords: waiting(in: far)) == [5 + 17, 6 + 17])
        #expect(Self.read(client).text == "answer")
    }

    @Test("A KeyUpdate that asks for none is not answered")
    func silentKeyUpdate() throws {
        try send([keyUpdateRecord(requested: false), textRecord("new keys")])
        #expect(try readText(within: 2)?.text == "new keys")
        #expect(try transport.write(Array("answer".utf8).span) == .bytes(6))
        #expect(try lengths(ofRecords: waiting(in: far)) == [6 + 17])
    }

    @Test("A KeyUpdate without new keys behind it ends the stream")
    func keyUpdateWithOldKeys() throws {
        let message = RecordForger.keyUpdate(requested: false)
        try send([forger.record(message, type: RecordForger.ContentType.handshake), textRecord("old keys")])
        #expect(try read().progress == .waits(for: .readable))
        expectRefusal()
        expectAlert("bad record mac")
    }

    /// OpenSSL knows no limit for them. With SSL_MODE_AUTO_RETRY it would take in all of them by the first read.
    @Test("A flood of KeyUpdates is taken in one by one")
    func floodOfKeyUpdates() throws {
        try send((0..<1_000).map { _ in try keyUpdateRecord(requested: false) } + [textRecord("behind")])
        let arrival = try #require(try readText(within: 1_001))
        #expect(arrival == (waits: 1_000, text: "behind"))
    }

    @Test("Empty records between KeyUpdates are no flood, and no read takes in more than both")
    func emptyRecordsBetweenKeyUpdates() throws {
        let flood = try (0..<100).flatMap { _ in try emptyRecords(32) + [keyUpdateRecord(requested: false)] }
        try send(flood + [textRecord("behind")])
        let arrival = try #require(try readText(within: 101))
        #expect(arrival == (waits: 100, text: "behind"))
    }

    /// OpenSSL answers one by the next read or write.
    @Test("A flood of KeyUpdates that ask for one is answered one by one, for a peer that reads")
    func floodOfRequests() throws {
        try send((0..<1_000).map { _ in try keyUpdateRecord(requested: true) } + [textRecord("behind")])
        var (text, answers) = ("", 0)
        for _ in 0..<2_001 where text.isEmpty {
            text = try read().text
            let records = try lengths(ofRecords: waiting(in: far))
            #expect(records.count <= 1 && records.allSatisfy { $0 == 5 + 17 })
            answers += records.count
            #expect(Self.read(client).text.isEmpty)
        }
        #expect(text == "behind")
        #expect((999...1_000).contains(answers))
        #expect(try transport.write(Array("answer".utf8).span) == .bytes(6))
        #expect(Self.read(client).text == "answer")
    }

    @Test("A peer that asks for KeyUpdates and reads none is not read from until it does")
    func unreadAnswers() throws {
        try near.setSendBufferSize(4_096)
        let flood = try (0..<1_000).map { _ in try keyUpdateRecord(requested: true) }
        try send(flood + [textRecord("behind")])
        var progress = ReadProgress.waits(for: .readable)
        for _ in 0..<2_001 where progress == .waits(for: .readable) { progress = try read().progress }
        #expect(progress == .waits(for: .writable))
        let rest = try waiting(in: near).count
        #expect(try read().progress == .waits(for: .writable))
        #expect(try transport.write(Array("answer".utf8).span) == .unfinished(6, waits: .writable))
        #expect(try waiting(in: near).count == rest)
        var text = ""
        for _ in 0..<2_001 where text.isEmpty {
            #expect(Self.read(client).text.isEmpty)
            text = try read().text
        }
        #expect(text == "behind")
        #expect(try transport.flush() == .done)
        #expect(Self.read(client).text == "answer")
    }

    /// The message's header is enough for OpenSSL to wait for its end.
    @Test("While a KeyUpdate has come but for its last byte, a write waits for it")
    func halfKeyUpdate() throws {
        let message = RecordForger.keyUpdate(requested: false)
        try send([forger.record(Array(message.dropLast()), type: RecordForger.ContentType.handshake)])
        #expect(try read().progress == .waits(for: .readable))
        #expect(try transport.write(Array("answer".utf8).span) == .unfinished(6, waits: .readable))
        try send([forger.record(Array(message.suffix(1)), type: RecordForger.ContentType.handshake)])
        try forger.updateKeys()
        try send([textRecord("new keys")])
        #expect(try transport.flush() == .done)
        #expect(Self.read(client).text == "answer")
        #expect(try readText(within: 2)?.text == "new keys")
    }

    @Test("A KeyUpdate that comes while a record waits to be sent is answered behind it")
    func keyUpdateWhileWriting() throws {
        try near.setSendBufferSize(4_096)
        let text = [UInt8](repeating: 0x78, count: Record.maximumSize)
        var progress = WriteProgress.bytes(text.count)
        for _ in 0..<100 where progress == .bytes(text.count) { progress = try transport.write(text.span) }
        try #require(progress == .unfinished(text.count, waits: .writable))
        try send([keyUpdateRecord(requested: true), textRecord("new keys")])
        #expect(try readText(within: 2)?.text == "new keys")
        var completion = Completion.waits(for: .writable)
        for _ in 0..<100 where completion != .done {
            _ = Self.read(client)
            completion = try transport.flush()
        }
        #expect(completion == .done)
        for _ in 0..<100 {
            guard case .bytes = Self.read(client).step else { break }
        }
        #expect(try transport.write(Array("answer".utf8).span) == .bytes(6))
        #expect(try lengths(ofRecords: waiting(in: far)) == [5 + 17, 6 + 17])
        #expect(Self.read(client).text == "answer")
    }

    @Test("A forged close_notify is the end, whatever its level", arguments: [UInt8(1), 2, 74], [false, true])
    func closeNotify(_ level: UInt8, _ isBehindWarning: Bool) throws {
        // user_canceled: RFC 8446, section 6.1.
        let warning = isBehindWarning ? [try forger.record([1, 90], type: RecordForger.ContentType.alert)] : []
        let text = try textRecord("bye")
        try send(warning + [text, forger.record([level, 0], type: RecordForger.ContentType.alert)])
        #expect(try read().text == "bye")
        #expect(try read().progress == .end)
    }
}
