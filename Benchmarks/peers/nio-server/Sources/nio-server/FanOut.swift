import NIOConcurrencyHelpers
import NIOCore

/// The members on one event loop; one write for each takes what they all get. Confined to that loop, but for what is
/// constant.
final class FanOut: @unchecked Sendable {
    let eventLoop: any EventLoop
    let index: Int
    private let room: NIOLockedValueBox<Room>
    private var members: [Client] = []
    private var content = Outbox.Content()

    init(_ room: NIOLockedValueBox<Room>, _ eventLoop: any EventLoop, _ index: Int) {
        self.room = room
        self.eventLoop = eventLoop
        self.index = index
    }

    func add(_ client: Client) {
        client.position = members.count
        members.append(client)
    }

    func remove(_ client: Client) {
        guard let position = client.position else { return }
        client.position = nil
        guard let last = members.popLast(), last !== client else { return }
        members[position] = last
        last.position = position
    }

    func flush() {
        room.withLockedValue { $0.outboxes[index].take(&content) }
        for aside in content.asides { aside.client.write(aside, after: content.lines) }
        if content.lines.readableBytes > 0 { announce(content.lines) }
        for aside in content.asides { aside.client.flush() }
        content.clear()
    }

    private func announce(_ lines: ByteBuffer) {
        let all = NIOAny(lines)
        for member in members { member.send(all, of: lines) }
    }
}
