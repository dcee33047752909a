import ChatTransport
import EventLoop
import Glibc

/// The least that a server can do: receives lines, and sends the same bytes to everybody. Keeps its thread.
struct FloorServer {
    let variant: FloorVariant
    /// How many clients are waited for, and how many of them speak.
    let (receivers, senders): (Int, Int)
    /// Of a fan-out's TLS: for speed, where a server gives them back for memory.
    let keepsBuffers: Bool
    let context: TLSContext?

    /// Serves a fan-out until a sender ends, or connections for ever.
    func run(on listener: Socket) throws -> Never {
        if variant.connectKind == nil { try fanOut(on: listener) }
        try serveConnections(on: listener)
    }

    private func fanOut(on listener: Socket) throws -> Never {
        var peers: [FloorPeer] = []
        for number in 0..<receivers {
            peers.append(
                try FloorPeer(
                    from: listener, context, keepsBuffers: keepsBuffers,
                    readsAll: variant.isBatched && number < senders))
        }
        let descriptors = peers.map(\.descriptor)
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var entries = peers.prefix(senders).map { pollfd(fd: $0.descriptor, events: CShort(POLLIN), revents: 0) }
        // What each sender has said of a line that is not whole.
        var remainders = [[UInt8]](repeating: [], count: senders)
        var lines: [UInt8] = []
        while true {
            poll(&entries, nfds_t(entries.count), -1)
            for sender in entries.indices where entries[sender].revents != 0 {
                var count = 0
                repeat {
                    guard let more = try peers[sender].receive(into: &buffer) else { exit(EXIT_SUCCESS) }
                    remainders[sender] += buffer[..<more]
                    count = more
                } while peers[sender].readsAll && count > 0
                let end = remainders[sender].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
                lines += remainders[sender][..<end]
                remainders[sender].removeSubrange(..<end)
            }
            // Without TLS a descriptor is all that it takes: not even a reference is counted.
            try send(lines) { bytes in
                if variant.isTLS {
                    for peer in peers { try peer.send(bytes) }
                } else {
                    for descriptor in descriptors { try FloorPeer.send(bytes, to: descriptor) }
                }
            }
            lines.removeAll(keepingCapacity: true)
        }
    }

    private func send(_ lines: [UInt8], by sendAll: (Span<UInt8>) throws -> Void) throws {
        let bytes = lines.span
        guard !variant.isBatched else { return try sendAll(bytes) }
        var start = 0
        for index in lines.indices where lines[index] == UInt8(ascii: "\n") {
            try sendAll(bytes.extracting(start...index))
            start = index + 1
        }
    }

    private func serveConnections(on listener: Socket) throws -> Never {
        var visitors: [FloorVisitor] = []
        var buffer = [UInt8](repeating: 0, count: Record.maximumSize)
        while true {
            var entries = visitors.map { pollfd(fd: $0.descriptor, events: $0.wait.events, revents: 0) }
            entries.append(pollfd(fd: listener.descriptor, events: CShort(POLLIN), revents: 0))
            poll(&entries, nfds_t(entries.count), -1)
            // A client that failed is no reason to end.
            visitors = zip(visitors, entries).filter { visitor, entry in
                entry.revents == 0 || (try? visitor.step(through: &buffer)) == true
            }.map(\.0)
            if entries.last?.revents != 0 {
                while let (accepted, _) = try listener.accept() { visitors.append(try FloorVisitor(accepted, context)) }
            }
        }
    }
}

extension Interest {
    fileprivate var events: CShort { self == .writable ? CShort(POLLOUT) : CShort(POLLIN) }
}
