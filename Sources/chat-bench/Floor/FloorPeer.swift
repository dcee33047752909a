import ChatTransport
import EventLoop
import Glibc

/// A client of the floor's fan-out: a socket that blocks, with or without OpenSSL on it, and nothing else.
///
/// Over TLS a sender may send each line in a record of its own. To serve as many lines in a turn as a server does, the floor
/// reads all records that have come; for that, such a sender's socket does not block.
struct FloorPeer {
    private let socket: Socket
    private let stream: TLSStream?
    /// Whether it is to be read from until nothing has come.
    let readsAll: Bool

    /// Waits for the next client of a listener, and for the end of its handshake.
    init(from listener: Socket, _ context: TLSContext?, keepsBuffers: Bool, readsAll: Bool) throws {
        self.readsAll = readsAll && context != nil
        let accepted = try Self.next(of: listener)
        socket = accepted
        _ = fcntl(socket.descriptor, F_SETFL, fcntl(socket.descriptor, F_GETFL) & ~O_NONBLOCK)
        stream = try context.map { try TLSStream($0, descriptor: accepted.descriptor) }
        if keepsBuffers { stream?.keepBuffers() }
        while let stream, try stream.handshake() != nil {}
        if self.readsAll {
            _ = fcntl(socket.descriptor, F_SETFL, fcntl(socket.descriptor, F_GETFL) | O_NONBLOCK)
        }
    }

    private static func next(of listener: Socket) throws -> Socket {
        var entry = pollfd(fd: listener.descriptor, events: CShort(POLLIN), revents: 0)
        while true {
            poll(&entry, 1, -1)
            if let (accepted, _) = try listener.accept() { return accepted }
        }
    }

    var descriptor: CInt { socket.descriptor }

    /// How many bytes have come, 0 if none have and the socket does not block, or `nil` at the end, before which a load that
    /// is done says nothing.
    func receive(into buffer: inout [UInt8]) throws -> Int? {
        guard let stream else {
            let count = recv(socket.descriptor, &buffer, buffer.count, 0)
            return count > 0 ? count : nil
        }
        do {
            return try read(from: stream, into: &buffer)
        } catch TransportError.truncated {
            return nil
        }
    }

    private func read(from stream: TLSStream, into buffer: inout [UInt8]) throws -> Int? {
        var span = buffer.mutableSpan
        while true {
            switch try stream.read(into: &span) {
            case .bytes(let count): return count
            case .waits where readsAll: return 0
            case .waits: continue
            case .end: return nil
            }
        }
    }

    /// Sends all of it to a socket that blocks, which takes all or is gone.
    static func send(_ bytes: Span<UInt8>, to descriptor: CInt) throws {
        let sent = bytes.withUnsafeBufferPointer {
            Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
        }
        guard sent == bytes.count else { throw FloorFailure(call: "send") }
    }

    /// Sends all of it.
    func send(_ bytes: Span<UInt8>) throws {
        guard let stream else { return try Self.send(bytes, to: descriptor) }
        var sent = 0
        while sent < bytes.count {
            switch try stream.write(bytes.extracting(sent...)) {
            case .bytes(let count): sent += count
            case .unfinished(let count, _):
                sent += count
                while try stream.flush() != nil { waitUntilWritable() }
            case .waits: waitUntilWritable()
            }
        }
    }

    private func waitUntilWritable() {
        var entry = pollfd(fd: descriptor, events: CShort(POLLOUT), revents: 0)
        poll(&entry, 1, -1)
    }
}
