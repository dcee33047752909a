import ChatTransport
import EventLoop
import FlowControl

/// A plain or a TLS transport over a simulated connection. Every call takes CPU time, as on a real machine: measured once.
final class SimulatedTransport: Transport {
    private enum Price {
        static let systemCall: Nanoseconds = 1_000
        static let record: Nanoseconds = 1_500
        static let send: Nanoseconds = 9_000
        static let handshake: Nanoseconds = 500_000
        static let line: Nanoseconds = 500
        /// The case folding of one U+FDFA, which compatibility mappings expand to eighteen letters.
        static let expensiveLetter: Nanoseconds = 25_000
    }

    private let connection: SimulatedConnection
    private let clock: Clock
    /// How many bytes a peer puts into a record.
    private let recordSize: Int
    private var unfinished: [UInt8] = []
    private var isEstablished: Bool
    /// The tokens for LOGINs whose names the server folds.
    private var logins = TokenBucket()

    init(_ connection: SimulatedConnection, _ clock: Clock, recordSize: Int) {
        self.connection = connection
        self.clock = clock
        self.recordSize = recordSize
        isEstablished = !connection.isTLS
    }

    deinit { connection.serverClose() }

    let peerNames: [String]? = nil

    /// So that one read can bring one expensive line, which costs when it is looked at.
    let readsByRecord = true

    func establish() -> Completion {
        guard !isEstablished else { return .done }
        guard connection.hasInput else { return .waits(for: .readable) }
        clock.advance(Price.handshake)
        isEstablished = true
        return .done
    }

    func refuse() {}

    func read(into buffer: inout MutableSpan<UInt8>) -> ReadProgress {
        clock.advance(Price.systemCall)
        let count = buffer.withUnsafeMutableBufferPointer { buffer in
            connection.serverRead(min(buffer.count, recordSize)) { bytes in
                _ = buffer.update(fromContentsOf: bytes)
                charge(bytes)
            }
        }
        guard let count else { return .waits(for: .readable) }
        guard count > 0 else { return .end }
        if connection.isTLS { clock.advance(Price.record) }
        return .bytes(count)
    }

    private func charge(_ lines: UnsafeBufferPointer<UInt8>) {
        var (ends, letters) = (0, 0)
        for byte in lines {
            if byte == UInt8(ascii: "\n") { ends += 1 }
            if byte == 0xEF { letters += 1 }
        }
        clock.advance(Price.line * Nanoseconds(ends))
        guard letters > 0 else { return }
        let rate = TokenBucket.Rate(burst: 10, interval: .seconds(2))
        guard !lines.starts(with: "LOGIN".utf8) || logins.tryTake(1, rate, at: clock.now) else { return }
        clock.advance(Price.expensiveLetter * Nanoseconds(letters))
    }

    func write(_ bytes: Span<UInt8>) -> WriteProgress {
        if case .waits(let interest) = flush() { return .waits(for: interest) }
        let count = send(bytes)
        if count == bytes.count { return .bytes(count) }
        guard connection.isTLS else { return count > 0 ? .bytes(count) : .waits(for: .writable) }
        // The rest of the record that the socket took only in part.
        let accepted = min((count / Record.maximumSize + 1) * Record.maximumSize, bytes.count)
        bytes.withUnsafeBufferPointer { unfinished = Array($0[count..<accepted]) }
        return .unfinished(accepted, waits: .writable)
    }

    var unfinishedSize: Int { unfinished.count }

    func flush() -> Completion {
        guard !unfinished.isEmpty else { return .done }
        unfinished.removeFirst(send(unfinished.span))
        return unfinished.isEmpty ? .done : .waits(for: .writable)
    }

    private func send(_ bytes: Span<UInt8>) -> Int {
        let records = Nanoseconds((bytes.count - 1) / Record.maximumSize + 1)
        clock.advance(connection.isTLS ? records * (Price.send + Price.record) : Price.send)
        clock.advance(Nanoseconds(bytes.count) / 3)
        return connection.serverWrite(bytes)
    }

    var acknowledgement: Acknowledgement? { connection.lookAtAcknowledgements() }

    var unacknowledgedCount: Int { connection.unacknowledged }

    func shutDown(closes: Bool) -> Completion {
        if case .waits(let interest) = flush() { return .waits(for: interest) }
        connection.serverEnd()
        return .done
    }
}
