import FlowControl

/// A client: how it reads, and what it makes of each line. Subclasses say something.
class Peer {
    /// How a client reads.
    enum Reading {
        case everything
        /// So many bytes a second.
        case rate(Int)
        case nothing
    }

    let world: World
    let name: String
    let connection: SimulatedConnection
    private(set) var hasEnded = false
    /// The hashes of the room lines that it received.
    private(set) var roomLines: [UInt64] = []
    private(set) var lastLine = ""
    private var outgoing = ByteQueue()
    private var line: [UInt8] = []
    private var reading: Reading
    private var isScheduled = false
    private var endsWhenSent = false
    /// Whether it looks at what it receives.
    private let isAttentive: Bool

    /// A client that connects now.
    init(
        _ world: World, _ name: String, isTLS: Bool = false, group: PeerGroup? = nil, reading: Reading = .everything,
        receiveBuffer: Int = 128 << 10, recordSize: Int = 16 << 10, isAttentive: Bool = true
    ) {
        self.isAttentive = isAttentive
        self.world = world
        self.name = name
        self.reading = reading
        connection = SimulatedConnection(isTLS: isTLS, receiveBuffer: receiveBuffer)
        connection.clientEvent = { [unowned self] in schedule() }
        world.connect(connection, group: group, recordSize: recordSize)
        if case .rate = reading { tick() }
    }

    func say(_ text: String) {
        outgoing.append(text.utf8)
        flush()
    }

    func read(_ reading: Reading) {
        self.reading = reading
        if case .rate = reading { tick() }
        schedule()
    }

    /// Ends its input once everything is sent.
    func end() {
        endsWhenSent = true
        flush()
    }

    /// How much it still has to send.
    var unsent: Int { outgoing.count }

    /// A line came, without its LF.
    func received(_ line: String) {}

    /// The server has ended the connection.
    func ended() {}

    /// Events come from the server's turns: what a client does, it does after them.
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

    private func flush() {
        while !outgoing.isEmpty {
            let part = outgoing.removeFirst(16 << 10)
            let count = connection.clientWrite(part)
            guard count == part.count else {
                var rest = ByteQueue()
                rest.append(part.dropFirst(count))
                rest.append(outgoing.removeFirst(.max))
                outgoing = rest
                return
            }
        }
        if endsWhenSent {
            endsWhenSent = false
            connection.clientEnd()
        }
    }

    private func take(_ most: Int) {
        let (bytes, isEnd) = connection.clientRead(most)
        if isAttentive { takeLines(in: bytes) }
        guard isEnd, !hasEnded else { return }
        hasEnded = true
        ended()
    }

    /// FNV-1a.
    static func hash(_ line: some Collection<UInt8>) -> UInt64 {
        line.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private func takeLines(in bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            line.append(contentsOf: rest[..<end])
            takeLine()
            rest = rest[(end + 1)...]
        }
        line.append(contentsOf: rest)
    }

    private func takeLine() {
        lastLine = String(decoding: line, as: UTF8.self)
        if lastLine.hasPrefix("MSG ") || lastLine.hasPrefix("INFO ") {
            roomLines.append(Self.hash(line))
        }
        line.removeAll(keepingCapacity: true)
        received(lastLine)
    }
}
