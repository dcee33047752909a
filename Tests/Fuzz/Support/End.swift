public import ChatTransport
public import EventLoop

/// The server's end of a connection, driven as an event loop would: it is called where something has come.
public struct End {
    public let transport: any Transport
    private let socket: Socket
    public private(set) var isEstablished = false
    /// All that was read.
    public private(set) var heard: [UInt8] = []
    public private(set) var hasHeardEnd = false
    public private(set) var failure: TransportError?
    private var buffer = [UInt8](repeating: 0, count: Record.maximumSize)

    public init(_ transport: any Transport, over socket: Socket) {
        self.transport = transport
        self.socket = socket
    }

    public var isOver: Bool { hasHeardEnd || failure != nil }

    /// Takes in what has come. It ends, and leaves nothing in the socket unless it is over: nothing would wake it again.
    public mutating func takeIn() {
        var steps = 0
        repeat {
            steps += 1
            require(steps < 10_000, "What has come is taken in")
            if !isOver { step() }
        } while !isOver && hasSomethingToRead
        guard let failure else { return }
        let next = failureOfNextStep()
        require(next == failure, "An error sticks")
    }

    private var hasSomethingToRead: Bool {
        var byte: [UInt8] = [0]
        var span = byte.mutableSpan
        return succeed { try socket.peek(into: &span) } != nil
    }

    private mutating func step() {
        failure = failureOfNextStep()
    }

    private mutating func failureOfNextStep() -> TransportError? {
        do throws(TransportError) {
            try isEstablished ? read() : establish()
            return nil
        } catch {
            return error
        }
    }

    private mutating func establish() throws(TransportError) {
        if try transport.establish() == .done { isEstablished = true }
    }

    private mutating func read() throws(TransportError) {
        switch try Self.read(transport, into: &buffer) {
        case .bytes(let count): heard += buffer.prefix(count)
        case .waits: break
        case .end: hasHeardEnd = true
        }
    }

    /// Closes in order, as a server does that has failed or has heard enough, and discards what still comes up to its end.
    ///
    /// - Precondition: the peer's direction has ended.
    public mutating func closeInOrder() {
        require(succeed { try transport.shutDown(closes: false) } == .done, "A close that finds room is done")
        for _ in 0..<10_000 {
            if succeed({ try Self.read(transport, into: &buffer) }) == .end { return }
        }
        require(false, "The end comes")
    }

    private static func read(
        _ transport: any Transport, into buffer: inout [UInt8]
    ) throws(TransportError) -> ReadProgress {
        var span = buffer.mutableSpan
        return try transport.read(into: &span)
    }
}
