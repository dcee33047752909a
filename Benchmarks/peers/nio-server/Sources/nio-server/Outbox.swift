import NIOCore

/// What the members on one event loop have still to be sent.
struct Outbox: Sendable {
    /// What one client alone gets, and its place among the lines for everybody.
    struct Aside: Sendable {
        let client: Client
        let offset: Int
        let text: ByteBuffer
        /// The connection is closed after it.
        let isLast: Bool
    }

    struct Content: Sendable {
        var lines = ByteBuffer()
        var asides: [Aside] = []

        /// Keeps the memory, unless a socket still sends from it.
        mutating func clear() {
            lines.clear()
            asides.removeAll(keepingCapacity: true)
        }
    }

    private let fanOut: FanOut
    private var content = Content()
    private var isScheduled = false

    init(_ fanOut: FanOut) {
        self.fanOut = fanOut
    }

    var size: Int { content.lines.readableBytes }

    mutating func announce(_ prefix: [UInt8], _ text: UnsafeRawBufferPointer) {
        content.lines.writeBytes(prefix)
        content.lines.writeBytes(text)
        content.lines.writeInteger(UInt8(ascii: "\n"))
        schedule()
    }

    mutating func tell(_ client: Client, _ text: ByteBuffer, isLast: Bool = false) {
        content.asides.append(Aside(client: client, offset: size, text: text, isLast: isLast))
        schedule()
    }

    /// Swaps what is to be sent with `sent`, which is clear.
    mutating func take(_ sent: inout Content) {
        swap(&content, &sent)
        isScheduled = false
    }

    /// Tasks run when all that was readable has been read: one write then takes everything, from whomever it came.
    private mutating func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        fanOut.eventLoop.execute(fanOut.flush)
    }
}
