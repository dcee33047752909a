import ChatTransport
import EventLoop
import SystemPackage
import TestSupport
import Testing

struct PlainTransportTests {
    let transport: PlainTransport
    let peer: Socket

    init() throws {
        let (near, far) = try Socket.pair()
        transport = PlainTransport(near)
        peer = far
    }

    private func send(_ bytes: [UInt8]) throws {
        #expect(try peer.send(bytes.span) == bytes.count)
    }

    private func receive() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 64)
        var span = buffer.mutableSpan
        let count = try peer.receive(into: &span) ?? 0
        return Array(buffer.prefix(count))
    }

    /// What one read brings, with the bytes.
    private func read() throws -> (progress: ReadProgress, bytes: [UInt8]) {
        var buffer = [UInt8](repeating: 0, count: 64)
        var span = buffer.mutableSpan
        let progress = try transport.read(into: &span)
        guard case .bytes(let count) = progress else { return (progress, []) }
        return (progress, Array(buffer.prefix(count)))
    }

    @Test("Is established at once")
    func establish() {
        #expect(transport.establish() == .done)
    }

    @Test("Carries bytes as they are, and says what it waits for")
    func bytes() throws {
        #expect(try read().progress == .waits(for: .readable))
        try send([0, 1, 0xFF])
        #expect(try read().bytes == [0, 1, 0xFF])
        #expect(try transport.write([9, 8].span) == .bytes(2))
        #expect(try receive() == [9, 8])
    }

    @Test("The end is told by the socket, unless that closes at once", arguments: [false, true])
    func shutDown(closes: Bool) throws {
        #expect(try transport.shutDown(closes: closes) == .done)
        var buffer: [UInt8] = [0]
        var span = buffer.mutableSpan
        #expect(try peer.receive(into: &span) == (closes ? nil : 0))
    }

    @Test("The peer's end of stream is an end, also behind a shutdown of ours")
    func end() throws {
        #expect(try transport.shutDown(closes: false) == .done)
        try send([0x61])
        try peer.shutdownSending()
        #expect(try read().bytes == [0x61])
        #expect(try read().progress == .end)
        #expect(try receive() == [])
    }

    @Test("A full socket takes what it can, then waits to be writable")
    func fullSocket() throws {
        let much = [UInt8](repeating: 0x78, count: 8 << 20)
        guard case .bytes(let count) = try transport.write(much.span) else {
            Issue.record("An empty socket takes something")
            return
        }
        #expect(count < much.count)
        #expect(try transport.write(much.span) == .waits(for: .writable))
    }

    @Test("A ClientHello gets a fatal alert, however it is cut", arguments: [[[22, 3, 1, 0, 5]], [[22], [3, 1]]])
    func clientHello(_ chunks: [[UInt8]]) throws {
        for chunk in chunks.dropLast() {
            try send(chunk)
            #expect(try read().progress == .waits(for: .readable))
        }
        try send(chunks.last ?? [])
        #expect(throws: TransportError.wrongTransport("TLS")) { try read() }
        #expect(try receive() == [21, 3, 1, 0, 2, 2, 10])
    }

    @Test("What follows a ClientHello is no text, and is discarded behind a shutdown")
    func behindClientHello() throws {
        try send([22, 3])
        for _ in 0..<2 {
            #expect(throws: TransportError.wrongTransport("TLS")) { try read() }
            try send([0x41])
        }
        #expect(try receive() == [21, 3, 1, 0, 2, 2, 10])
        #expect(try transport.shutDown(closes: false) == .done)
        #expect(try read().bytes == [0x41, 0x41])
        try peer.shutdownSending()
        #expect(try read().progress == .end)
    }

    @Test("The first byte of a ClientHello without its second is text", arguments: [[[22, 0x41]], [[22], [0x41]]])
    func lonelySyn(_ chunks: [[UInt8]]) throws {
        var received: [UInt8] = []
        for chunk in chunks {
            try send(chunk)
            received += try read().bytes
        }
        #expect(received == [22, 0x41])
    }

    @Test("The first byte of a ClientHello before the end of the stream is text")
    func lonelySynAtEnd() throws {
        try send([22])
        #expect(try read().progress == .waits(for: .readable))
        try peer.shutdownSending()
        #expect(try read().bytes == [22])
        #expect(try read().progress == .end)
    }

    @Test("What looks like a ClientHello later in the stream is text")
    func laterInTheStream() throws {
        try send([0x41])
        #expect(try read().bytes == [0x41])
        try send([22, 3, 1])
        #expect(try read().bytes == [22, 3, 1])
    }

    @Test("Property: text passes whatever it is cut into")
    func anyCut() throws {
        var random = SeededGenerator()
        for _ in 0..<200 {
            let (near, far) = try Socket.pair()
            let transport = PlainTransport(near)
            let text = (0..<40).map { _ in UInt8.random(in: 22...24, using: &random) }
            var received: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 8)
            for chunk in random.chunks(of: text, upTo: 5) {
                #expect(try far.send(chunk.span) == chunk.count)
                var span = buffer.mutableSpan
                if case .bytes(let count) = try transport.read(into: &span) { received += buffer.prefix(count) }
            }
            #expect(received == text, "\(random)")
        }
    }

    @Test("Writing to a peer that has gone is an error")
    func peerGone() throws {
        let (near, far) = try Socket.pair()
        let transport = PlainTransport(near)
        _ = consume far
        #expect(throws: TransportError.socket(SystemCallError("send", .brokenPipe))) {
            try transport.write([1].span)
        }
    }
}
