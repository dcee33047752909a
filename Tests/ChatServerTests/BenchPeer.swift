import ChatServer
import TestSupport
import Testing

@testable import EventLoop

/// The far end of a connection to a bench's worker, over either transport. A test decides how little it reads at a time.
final class BenchPeer {
    /// How the stream from the server has ended.
    enum Ending: Equatable {
        /// As the transport prescribes.
        case inOrder
        case cutOff
    }

    private var socket: Socket?
    private var tls: ClientConnection?
    /// All bytes that have arrived.
    private(set) var received: [UInt8] = []
    private(set) var ending: Ending?
    private var taken = 0

    init(_ socket: Socket, _ tls: ClientConnection?) {
        (self.socket, self.tls) = (socket, tls)
    }

    func say(_ text: String) throws {
        let bytes = Array(text.utf8)
        if let tls {
            guard case .bytes(bytes.count) = bytes.withUnsafeBytes({ tls.write($0) }) else {
                throw NoSpace()
            }
        } else {
            guard try socket?.send(bytes.span) == bytes.count else { throw NoSpace() }
        }
    }

    /// Reads once. Returns whether bytes have arrived.
    @discardableResult
    func read(atMost limit: Int = 64 << 10) -> Bool {
        guard ending == nil, let socket else { return false }
        var buffer = [UInt8](repeating: 0, count: limit)
        if let tls {
            switch buffer.withUnsafeMutableBytes({ tls.read(into: $0) }) {
            case .bytes(let count): return take(buffer.prefix(count))
            case .waits: return false
            case .ended: ending = .inOrder
            case .failed: ending = .cutOff
            }
            return false
        }
        do {
            var span = buffer.mutableSpan
            guard let count = try socket.receive(into: &span) else { return false }
            if count > 0 { return take(buffer.prefix(count)) }
            ending = .inOrder
        } catch {
            ending = .cutOff
        }
        return false
    }

    /// Closes the socket. If it has unread input, that resets the connection; over TLS it is truncated.
    func vanish() {
        (tls, socket) = (nil, nil)
    }

    /// The next line, without its LF, if it has come.
    func takeLine() -> String? {
        guard let end = received[taken...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        defer { taken = end + 1 }
        return String(decoding: received[taken..<end], as: UTF8.self)
    }

    private func take(_ bytes: ArraySlice<UInt8>) -> Bool {
        received += bytes
        return true
    }
}

private struct NoSpace: Error {}

/// Whether the worker still has its end of a connection.
final class NearEnd {
    private weak var socket: Socket?

    init(_ socket: Socket) { self.socket = socket }

    var isOpen: Bool { socket != nil }
}

extension ConnectionBench {
    /// A peer whose handshake is done. `sendBuffer` is the size of the worker's send buffer for it.
    func peer(_ tls: TLSSetup?, sendBuffer: CInt? = nil) throws -> (peer: BenchPeer, near: NearEnd) {
        let (near, far) = try Socket.pair()
        if let sendBuffer { try near.setSendBufferSize(sendBuffer) }
        guard let tls else {
            admit(near)
            return (BenchPeer(far, nil), NearEnd(near))
        }
        return (BenchPeer(far, try connect(over: far, from: near, tls)), NearEnd(near))
    }

    /// The next line of a peer that reads at once. `meanwhile` is called after each turn.
    func nextLine(of peer: BenchPeer, meanwhile: () throws -> Void = {}) throws -> String {
        while true {
            if let line = peer.takeLine() { return line }
            while peer.read() { noteProgress() }
            if let line = peer.takeLine() { return line }
            try #require(peer.ending == nil, "The peer's stream has ended")
            wake()
            try runTurn()
            try meanwhile()
        }
    }

    /// Logs in a user, and waits until `witness` was told of it.
    func login(
        _ name: String, _ tls: TLSSetup? = nil, sendBuffer: CInt? = nil, seenBy witness: BenchPeer? = nil
    ) throws -> (peer: BenchPeer, near: NearEnd) {
        let (peer, near) = try peer(tls, sendBuffer: sendBuffer)
        try peer.say("LOGIN \(name)\n")
        guard let witness else {
            try #require(try nextLine(of: peer) == "OK")
            return (peer, near)
        }
        while try nextLine(of: witness) != "INFO \(name) joined the chat" {}
        return (peer, near)
    }
}
