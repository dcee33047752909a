import ChatTransport
import EventLoop
import Glibc

/// The least that a server can do: receives lines, and sends the same bytes to everybody. Blocks its thread.
struct FloorServer {
    let variant: FloorVariant
    /// How many clients are waited for, and how many of them speak.
    let (receivers, senders): (Int, Int)
    let context: TLSContext?

    /// Serves a fan-out until a sender ends, or connections for ever.
    func run(on listener: Socket) throws {
        if variant.connectKind == nil { try fanOut(on: listener) }
        while true { try serveConnection(on: listener) }
    }

    private func fanOut(on listener: Socket) throws -> Never {
        var peers: [FloorPeer] = []
        for _ in 0..<receivers { peers.append(try FloorPeer(from: listener, context)) }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var entries = peers.prefix(senders).map { pollfd(fd: $0.descriptor, events: CShort(POLLIN), revents: 0) }
        // What each sender has said of a line that is not whole.
        var remainders = [[UInt8]](repeating: [], count: senders)
        var lines: [UInt8] = []
        while true {
            poll(&entries, nfds_t(entries.count), -1)
            for sender in entries.indices where entries[sender].revents != 0 {
                guard let count = try peers[sender].receive(into: &buffer) else { exit(EXIT_SUCCESS) }
                remainders[sender] += buffer[..<count]
                let end = remainders[sender].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
                lines += remainders[sender][..<end]
                remainders[sender].removeSubrange(..<end)
            }
            try send(lines, to: peers)
            lines.removeAll(keepingCapacity: true)
        }
    }

    private func send(_ lines: [UInt8], to peers: [FloorPeer]) throws {
        let bytes = lines.span
        guard !variant.isBatched else {
            for peer in peers { try peer.send(bytes) }
            return
        }
        var start = 0
        for index in lines.indices where lines[index] == UInt8(ascii: "\n") {
            for peer in peers { try peer.send(bytes.extracting(start...index)) }
            start = index + 1
        }
    }

    private func serveConnection(on listener: Socket) throws {
        do {
            let peer = try FloorPeer(from: listener, context)
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            guard try peer.receive(into: &buffer) != nil else { return }
            let answer = Array("OK\n".utf8)
            try peer.send(answer.span)
            while try peer.receive(into: &buffer) != nil {}
            try peer.shutDown()
        } catch is TransportError {
            // A client that went early is no reason to end.
        }
    }
}
