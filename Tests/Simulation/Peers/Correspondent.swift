import FlowControl

/// Sends direct messages, and measures how long they take.
final class Correspondent: Peer {
    private var onTheirWay: [UInt64: Nanoseconds] = [:]
    private var number = 0
    private var delays: [Nanoseconds] = []
    let receiver: Peer

    init(_ world: World, _ name: String, isTLS: Bool, group: PeerGroup?, to receiver: Peer) {
        self.receiver = receiver
        super.init(world, name, isTLS: isTLS, group: group)
        let others = receiver.directMessage
        receiver.directMessage = { [unowned self] hash in
            if let time = onTheirWay.removeValue(forKey: hash) { delays.append(world.now - time) } else { others(hash) }
        }
        say("LOGIN \(name)\n")
        write()
    }

    /// The delays of all messages. A message that did not arrive counts with the time since it was sent.
    var allDelays: [Nanoseconds] { delays + onTheirWay.values.map { world.now > $0 ? world.now - $0 : 0 } }

    /// How many did not arrive.
    var missing: Int { onTheirWay.count }

    private func write() {
        world.after(.random(in: 1_000...3_000, using: &world.random) * 1_000_000) { [self] in
            guard !hasEnded, !world.isQuiet else { return }
            number += 1
            let text = "\(number) " + String(repeating: "d", count: .random(in: 5...500, using: &world.random))
            onTheirWay[LineHash.of("DM \(name) \(text)")] = world.now
            say("DM \(receiver.name) \(text)\n")
            write()
        }
    }
}
