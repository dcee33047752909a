import ChatTransport
import EventLoop
import Glibc

/// A client of the floor that comes, says a line, is answered and leaves.
final class FloorVisitor {
    /// What it waits for.
    private(set) var wait = Interest.readable

    private let socket: Socket
    private let stream: TLSStream?
    private var isEstablished: Bool

    init(_ socket: Socket, _ context: TLSContext?) throws {
        self.socket = socket
        stream = try context.map { try TLSStream($0, descriptor: socket.descriptor) }
        isEstablished = stream == nil
    }

    var descriptor: CInt { socket.descriptor }

    /// Goes as far as the socket lets it. Returns whether there is more to come.
    func step(through buffer: inout [UInt8]) throws -> Bool {
        if let stream, !isEstablished {
            if let wait = try stream.handshake() {
                self.wait = wait
                return true
            }
            isEstablished = true
            wait = .readable
        }
        while true {
            switch try receive(into: &buffer) {
            case nil: return true
            case 0:
                _ = try stream?.shutDown()
                return false
            default: try answer()
            }
        }
    }

    /// How many bytes have come, 0 at the end, or `nil` where none have come yet.
    private func receive(into buffer: inout [UInt8]) throws -> Int? {
        var span = buffer.mutableSpan
        guard let stream else { return try socket.receive(into: &span) }
        switch try stream.read(into: &span) {
        case .bytes(let count): return count
        case .waits: return nil
        case .end: return 0
        }
    }

    /// An empty send buffer has room for it.
    private func answer() throws {
        let answer = Array("OK\n".utf8)
        if let stream {
            _ = try stream.write(answer.span)
        } else {
            _ = try socket.send(answer.span)
        }
    }
}
