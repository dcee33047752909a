import NIOConcurrencyHelpers
import NIOCore

/// One connection's part in the chat. Confined to its event loop, but for what is constant: others hold it, and say what it
/// is to hear.
final class Client: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct User {
        let name: Username
        let messagePrefix: [UInt8]
    }

    /// Where the fan-out keeps this member.
    var position: Int?
    private let room: NIOLockedValueBox<Room>
    private let fanOut: FanOut
    private var context: ChannelHandlerContext?
    private var decoder = LineDecoder()
    private var user: User?
    private var hasLeft = false
    /// How many bytes of what the outbox holds came before this member, or have been written.
    private var skipped = 0
    /// More waits to be read by the peer than the channel's high water mark.
    private var isBehind = false

    init(_ room: NIOLockedValueBox<Room>, _ fanOut: FanOut) {
        self.room = room
        self.fanOut = fanOut
    }

    // MARK: What the room sends

    /// `all` is `lines`, wrapped once for everybody.
    func send(_ all: NIOAny, of lines: ByteBuffer) {
        guard let context else { return }
        if skipped == 0 {
            context.writeAndFlush(all, promise: nil)
        } else {
            write(lines, upTo: lines.readableBytes, to: context)
            context.flush()
            skipped = 0
        }
        if isBehind { drop(context) }
    }

    func write(_ aside: Outbox.Aside, after lines: ByteBuffer) {
        guard let context else { return }
        if position != nil { write(lines, upTo: aside.offset, to: context) }
        guard aside.isLast else { return context.write(wrapOutboundOut(aside.text), promise: nil) }
        fanOut.remove(self)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.write(wrapOutboundOut(aside.text), promise: promise)
    }

    func flush() {
        context?.flush()
    }

    private func write(_ lines: ByteBuffer, upTo end: Int, to context: ChannelHandlerContext) {
        guard end > skipped, let part = lines.getSlice(at: lines.readerIndex + skipped, length: end - skipped) else {
            return
        }
        skipped = end
        context.write(wrapOutboundOut(part), promise: nil)
    }

    private func drop(_ context: ChannelHandlerContext) {
        room.withLockedValue { logout(from: &$0) }
        fanOut.remove(self)
        context.close(promise: nil)
    }

    // MARK: What the channel brings

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        room.withLockedValue { room in
            buffer.withUnsafeReadableBytes { bytes in
                decoder.decode(bytes) { receive($0, in: &room) }
            }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isBehind = !context.channel.isWritable
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event as? ChannelEvent == .inputClosed else { return }
        room.withLockedValue { room in
            decoder.end { receive($0, in: &room) }
            leave(&room)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        room.withLockedValue { logout(from: &$0) }
        fanOut.remove(self)
    }

    // MARK: What the user says

    private func receive(_ line: UnsafeRawBufferPointer?, in room: inout Room) {
        guard !hasLeft else { return }
        guard let line else { return reply("ERR line-too-long", in: &room) }
        guard let command = Command(line) else { return }
        switch command {
        case .login(let name): login(name, in: &room)
        case .ping: reply("PONG", in: &room)
        case .exit: leave(&room)
        case .message, .direct, .who, .unknown:
            guard let user else { return reply("ERR not-logged-in", in: &room) }
            receive(command, from: user, in: &room)
        }
    }

    private func receive(_ command: Command, from user: User, in room: inout Room) {
        switch command {
        case .message(let text):
            guard !text.isEmpty else { return reply("ERR usage MSG <text>", in: &room) }
            room.announce(user.messagePrefix, text)
        case .direct(let argument):
            let (name, text) = argument.splitAtSpace
            guard !text.isEmpty else { return reply("ERR usage DM <username> <text>", in: &room) }
            if let receiver = room.user(Username.key(of: name)) {
                receiver.client.hear(text, from: user.name, in: &room)
            } else {
                reply("ERR user-not-found", in: &room)
            }
        case .who:
            reply(room.names.map { "USER \($0)" }.joined(separator: "\n"), in: &room)
        default:
            reply("ERR unknown-command", in: &room)
        }
    }

    /// On the sender's event loop.
    private func hear(_ text: UnsafeRawBufferPointer, from name: Username, in room: inout Room) {
        var line = ByteBuffer(string: "DM \(name) ")
        line.writeBytes(text)
        line.writeInteger(UInt8(ascii: "\n"))
        room.outboxes[fanOut.index].tell(self, line)
    }

    private func login(_ bytes: UnsafeRawBufferPointer, in room: inout Room) {
        guard user == nil else { return reply("ERR already-logged-in", in: &room) }
        guard !bytes.isEmpty else { return reply("ERR usage LOGIN <username>", in: &room) }
        guard let name = Username(bytes) else { return reply("ERR invalid-username", in: &room) }
        guard room.add(name, self) else { return reply("ERR username-taken", in: &room) }
        user = User(name: name, messagePrefix: Array("MSG \(name) ".utf8))
        reply("OK", in: &room)
        room.announce("INFO \(name) joined the chat")
        skipped = room.outboxes[fanOut.index].size
        fanOut.add(self)
    }

    private func reply(_ text: String, in room: inout Room) {
        room.outboxes[fanOut.index].tell(self, ByteBuffer(string: "\(text)\n"))
    }

    private func leave(_ room: inout Room) {
        hasLeft = true
        room.outboxes[fanOut.index].tell(self, ByteBuffer(), isLast: true)
        logout(from: &room)
    }

    private func logout(from room: inout Room) {
        guard let name = user?.name else { return }
        user = nil
        room.remove(name)
        room.announce("INFO \(name) disconnected")
    }
}
