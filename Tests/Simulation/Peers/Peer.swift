import FlowControl

/// A client: it reads in one of several ways, and records the lines that it receives. Subclasses send lines.
class Peer {
    /// How a client reads.
    enum Reading {
        case everything
        /// So many bytes a second.
        case rate(Int)
        case nothing
        /// Everything for some time, then nothing for some time, and so on.
        case everyNowAndThen(reads: Nanoseconds, stalls: Nanoseconds)
    }

    let world: World
    let name: String
    let connection: SimulatedConnection
    /// Whether it looks at the lines that it receives.
    private let isAttentive: Bool
    private(set) var hasEnded = false
    /// The hashes of the room lines that it received.
    private(set) var roomLines: [UInt64] = []
    /// The last line that is neither a room line nor a direct message.
    private(set) var lastReply = ""
    /// How many direct messages the server did not deliver.
    private(set) var undelivered = 0
    /// Called with the hash of each direct message.
    var directMessage: (UInt64) -> Void = { _ in }
    private var outgoing = ByteQueue()
    private var line: [UInt8] = []
    private var reading: Reading
    private var isScheduled = false
    private var endsWhenSent = false

    /// A client that connects now.
    init(
        _ world: World, _ name: String, isTLS: Bool = false, group: PeerGroup? = nil, reading: Reading = .everything,
        receiveBuffer: Int = 128 << 10, recordSize: Int = 16 << 10, isAttentive: Bool = true
    ) {
        self.isAttentive = isAttentive
        self.world = world
        self.name = name
        self.reading = .nothing
        var discardsOutput = false
        if case .everything = reading { discardsOutput = !isAttentive }
        connection = SimulatedConnection(
            isTLS: isTLS, receiveBuffer: receiveBuffer, discardsOutput: discardsOutput, clock: world.clock)
        connection.clientEvent = { [unowned self] in schedule() }
        world.connect(self, group: group, recordSize: recordSize)
        read(reading)
    }

    /// The memory that the client and its kernel's queues take, in bytes. It does not belong to the server.
    var memory: Int {
        connection.capacity + outgoing.capacity + roomLines.capacity * MemoryLayout<UInt64>.size
    }

    /// The most that the server may keep for the client, in bytes: 64 KiB of direct messages, and for a client that does not
    /// read everything also 64 KiB of replies, a piece of a list, a record, and a line.
    var pendingBound: Int {
        guard case .everything = reading else { return 112 << 10 + (isAddressed ? 72 << 10 : 0) }
        return isAttentive || unsent > 0 ? 80 << 10 : 1 << 10
    }

    /// Whether others write direct messages to it.
    var isAddressed: Bool { true }

    func say(_ text: String) {
        var text = text
        text.withUTF8 { outgoing.append($0) }
        flush()
    }

    func say(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { outgoing.append($0) }
        flush()
    }

    func read(_ reading: Reading) {
        self.reading = reading
        switch reading {
        case .everything: schedule()
        case .rate: tick()
        case .nothing: break
        case .everyNowAndThen(let reads, let stalls): alternate(reads, stalls)
        }
    }

    /// Ends its input once everything is sent.
    func end() {
        endsWhenSent = true
        flush()
    }

    /// The bytes that it still has to send.
    var unsent: Int { outgoing.count }

    /// Discards everything that the server has not read yet.
    func takeBack() {
        outgoing.removeFirst(outgoing.count)
        connection.clientTakeBack()
    }

    /// Called when everything to send has reached the server's kernel.
    func sent() {}

    /// A line came, without its LF.
    func received(_ line: UnsafeBufferPointer<UInt8>, hash: UInt64) {}

    /// The server has ended the connection.
    func ended() {}

    /// Events come from the server's turns. A client reacts after the turn.
    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        world.after(20_000) { [self] in
            isScheduled = false
            flush()
            if case .everything = reading { take(.max) }
        }
    }

    private func tick() {
        guard case .rate(let rate) = reading, !hasEnded else { return }
        take(rate / 8)
        world.after(.seconds(1) / 8) { [self] in tick() }
    }

    private func alternate(_ reads: Nanoseconds, _ stalls: Nanoseconds) {
        reading = .everything
        schedule()
        world.after(reads) { [self] in
            guard !hasEnded, case .everything = reading else { return }
            reading = .nothing
            world.after(stalls) { [self] in
                guard !hasEnded, case .nothing = reading else { return }
                alternate(reads, stalls)
            }
        }
    }

    private func flush() {
        while !outgoing.isEmpty {
            let count = outgoing.withFirst(.max) { connection.clientWrite($0) }
            guard count > 0 else { return }
            outgoing.removeFirst(count)
        }
        if endsWhenSent {
            endsWhenSent = false
            connection.clientEnd()
        }
        sent()
    }

    private func take(_ most: Int) {
        let isEnd = connection.clientRead(most) { bytes in
            if isAttentive { takeLines(in: bytes) }
        }
        guard isEnd, !hasEnded else { return }
        hasEnded = true
        ended()
    }

    private func takeLines(in bytes: UnsafeBufferPointer<UInt8>) {
        var rest = bytes
        while let end = rest.firstLineEnd {
            if line.isEmpty {
                takeLine(UnsafeBufferPointer(rebasing: rest[..<end]))
            } else {
                line.append(contentsOf: rest[..<end])
                line.withUnsafeBufferPointer(takeLine)
                line.removeAll(keepingCapacity: true)
            }
            rest = UnsafeBufferPointer(rebasing: rest[(end + 1)...])
        }
        line.append(contentsOf: rest)
    }

    private func takeLine(_ line: UnsafeBufferPointer<UInt8>) {
        let hash = LineHash.of(line)
        if line.starts(with: "MSG ") || line.starts(with: "INFO ") {
            roomLines.append(hash)
        } else if line.starts(with: "DM ") {
            directMessage(hash)
        } else if hash != LineHash.pong {
            lastReply = String(decoding: line, as: UTF8.self)
            if hash == LineHash.notDelivered { undelivered += 1 }
        }
        received(line, hash: hash)
    }
}
