import ChatServer
import EventLoop
import TestSupport
import Testing

struct TLSConnectionTests {
    /// A user over TLS whose login alice has seen, and the socket under it.
    private func login(
        _ name: String, on bench: ConnectionBench, seenBy alice: Socket, sendBuffer: CInt? = nil
    ) throws -> (client: ClientConnection, socket: Socket) {
        let (near, far) = try Socket.pair()
        if let sendBuffer { try near.setSendBufferSize(sendBuffer) }
        let client = try bench.connect(over: far, from: near, TLSSetup())
        _ = Array("LOGIN \(name)\n".utf8).withUnsafeBytes { client.write($0) }
        _ = try bench.receive(alice) { $0.contains("INFO \(name) joined") }
        return (client, far)
    }

    @Test(
        "A TLS stream that is cut off takes its last, partial line with it; one that ends does not",
        arguments: PollerKind.allCases, [false, true])
    func cutOff(_ poller: PollerKind, _ endsInOrder: Bool) throws {
        let bench = try ConnectionBench(poller)
        let alice = try bench.connect(saying: "LOGIN alice\n")
        _ = try bench.receive(alice) { $0 == "OK\n" }
        do {
            let (near, far) = try Socket.pair()
            let bob = try bench.connect(over: far, from: near, TLSSetup())
            for text in ["LOGIN bob\nMSG whole\n", "MSG half"] {
                guard case .bytes = Array(text.utf8).withUnsafeBytes({ bob.write($0) }) else {
                    Issue.record("The socket has no room")
                    return
                }
            }
            if endsInOrder { _ = bob.sendCloseNotify() }
        }
        let text = try bench.receive(alice) { $0.hasSuffix("INFO bob disconnected\n") }
        let half = endsInOrder ? "MSG bob half\n" : ""
        #expect(text == "INFO bob joined the chat\nMSG bob whole\n\(half)INFO bob disconnected\n")
    }

    @Test(
        "A TLS reader that is too slow is told so, behind the record that was half sent, whether it reads at all or not",
        arguments: PollerKind.allCases, [false, true])
    func tooSlowOverTLS(_ poller: PollerKind, _ readsALittle: Bool) throws {
        let bench = try ConnectionBench(poller) {
            $0.limits.roomLog = 64 << 10
            $0.limits.interactiveRate = 1 << 30
        }
        let alice = try bench.connect(saying: "LOGIN alice\n")
        _ = try bench.receive(alice) { $0 == "OK\n" }
        let (slow, socket) = try login("slow", on: bench, seenBy: alice, sendBuffer: 4_096)
        defer { withExtendedLifetime(socket) {} }
        let line = "MSG " + String(repeating: "x", count: 4_000) + "\n"
        var told = ""
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var said = 0
        while !told.contains("INFO slow disconnected\n") {
            try bench.say(line, over: alice)
            said += 1
            try bench.runTurn()
            told += try bench.received(alice)
            guard readsALittle, said.isMultiple(of: 8) else { continue }
            if case .bytes(let count) = buffer.withUnsafeMutableBytes({ slow.read(into: $0) }) {
                text += buffer.prefix(count)
            }
        }
        reading: while true {
            switch buffer.withUnsafeMutableBytes({ slow.read(into: $0) }) {
            case .bytes(let count): text += buffer.prefix(count)
            case .waits: try bench.runTurn()
            case .ended: break reading
            case .failed(let ending):
                Issue.record("\(ending)")
                break reading
            }
        }
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        #expect(lines.first == "OK" && lines.last == "ERR too-slow")
        let expected = line.replacing("MSG", with: "MSG alice").dropLast()
        #expect(lines.dropFirst().dropLast().allSatisfy { $0 == expected })
    }

    @Test("What one turn decides for a receiver over TLS is one record", arguments: PollerKind.allCases)
    func coalescedRecord(_ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let alice = try bench.connect(saying: "LOGIN alice\n")
        let (bob, far) = try login("bob", on: bench, seenBy: alice)
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while case .bytes = buffer.withUnsafeMutableBytes({ bob.read(into: $0) }) {}
        try bench.say((0..<50).map { "MSG line \($0)\nDM bob \($0)\n" }.joined(), over: alice)
        try bench.runTurn()
        var span = buffer.mutableSpan
        let received = try far.peek(into: &span) ?? 0
        // RFC 8446, section 5.2: the length stands behind the type and the version.
        #expect(received == 5 + Int(buffer[3]) << 8 + Int(buffer[4]))
        guard case .bytes(let count) = buffer.withUnsafeMutableBytes({ bob.read(into: $0) }) else {
            Issue.record("Nothing was sent")
            return
        }
        let text = String(decoding: buffer.prefix(count), as: UTF8.self)
        #expect(text == (0..<50).map { "MSG alice line \($0)\nDM alice \($0)\n" }.joined())
    }

    @Test("A TLS reader that lags by less than the room's log is not too slow", arguments: PollerKind.allCases)
    func steadyReader(_ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller) {
            $0.limits.roomLog = 96 << 10
            $0.limits.interactiveRate = 1 << 30
        }
        let alice = try bench.connect(saying: "LOGIN alice\n")
        _ = try bench.receive(alice) { $0 == "OK\n" }
        let (steady, socket) = try login("steady", on: bench, seenBy: alice, sendBuffer: 4_096)
        defer { withExtendedLifetime(socket) {} }
        let line = "MSG " + String(repeating: "x", count: 1_000) + "\n"
        var told = ""
        func say(_ count: Int) throws {
            for _ in 0..<count { try bench.say(line, over: alice) }
            var echoes = 0
            while echoes < count {
                try bench.runTurn()
                let news = try bench.received(alice)
                echoes += news.split(separator: "\n").count { $0.hasPrefix("MSG") }
                told += news
            }
        }
        // 40 kB behind, then as fast as is said.
        for _ in 0..<40 { try say(1) }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        for _ in 0..<200 {
            try say(6)
            while case .bytes = buffer.withUnsafeMutableBytes({ steady.read(into: $0) }) {}
        }
        #expect(!told.contains("INFO steady disconnected"))
    }

    @Test(
        "A peer whose handshake fails is not reset: it may not have read the alert, and may still be sending",
        arguments: PollerKind.allCases)
    func lingering(_ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let far = try bench.connect(TLSSetup())
        let record: [UInt8] = [22, 3, 1, 0, 5, 1, 255, 255, 255, 255]
        #expect(try far.send(record.span) == record.count)
        var buffer = [UInt8](repeating: 0, count: 64)
        var count: Int?
        while count == nil {
            try bench.runTurn()
            var span = buffer.mutableSpan
            count = try far.receive(into: &span)
        }
        #expect(count == 7 && buffer[0] == 21)
        for _ in 0..<3 {
            try bench.say("unread", over: far)
            try bench.runTurn()
        }
    }
}
