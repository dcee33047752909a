import EventLoop
import TestSupport

/// Carries bytes between two sockets, in chunks of the size that a test wants, and remembers them.
final class Relay {
    private struct Direction {
        let (source, destination): (Socket, Socket)
        var waiting: [UInt8] = []
        var passed: [UInt8] = []
        var hasEnded = false
        var hasTold = false
        /// How many bytes pass before the direction is cut off.
        var remaining = Int.max
    }

    private var toClient: Direction
    private var toServer: Direction
    private let chunk: Int
    private var random: SeededGenerator?

    /// - Parameters:
    ///   - chunk: how many bytes pass at once, at most.
    ///   - random: whether sizes vary up to that, and chunks are delayed.
    init(server: Socket, client: Socket, chunk: Int, random: SeededGenerator?) {
        toClient = Direction(source: server, destination: client)
        toServer = Direction(source: client, destination: server)
        self.chunk = chunk
        self.random = random
    }

    /// What has reached the client so far.
    var passedToClient: [UInt8] { toClient.passed }

    /// Whether the server's socket has ended its stream.
    var serverHasEnded: Bool { toClient.hasEnded }

    /// What has reached the server so far.
    var passedToServer: [UInt8] { toServer.passed }

    /// Lets the client's stream end for the server behind so many further bytes.
    func cutClient(after count: Int) {
        toServer.remaining = count
    }

    func step() throws {
        try carry(&toClient)
        try carry(&toServer)
    }

    private func carry(_ direction: inout Direction) throws {
        if !direction.hasEnded, direction.waiting.count < 64 << 10 {
            var buffer = [UInt8](repeating: 0, count: 16 << 10)
            var span = buffer.mutableSpan
            if let count = try direction.source.receive(into: &span) {
                direction.waiting += buffer.prefix(count)
                direction.hasEnded = count == 0
            }
        }
        var size = min(chunk, direction.waiting.count, direction.remaining)
        if var random {
            defer { self.random = random }
            if Int.random(in: 0..<4, using: &random) == 0 { return }
            if size > 1 { size = Int.random(in: 1...size, using: &random) }
        }
        if size > 0, let sent = try direction.destination.send(direction.waiting.span.extracting(..<size)) {
            direction.passed += direction.waiting.prefix(sent)
            direction.waiting.removeFirst(sent)
            if direction.remaining < Int.max { direction.remaining -= sent }
        }
        if !direction.hasTold, direction.remaining == 0 || direction.hasEnded && direction.waiting.isEmpty {
            direction.hasTold = true
            try direction.destination.shutdownSending()
        }
    }
}
