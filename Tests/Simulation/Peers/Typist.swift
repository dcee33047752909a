import FlowControl

/// Types lines and sends PING, and measures how long both take.
final class Typist: Peer {
    private var said: [UInt64: Nanoseconds] = [:]
    private var asked: [Nanoseconds] = []
    private var number = 0
    private(set) var lineDelays: [Nanoseconds] = []
    private(set) var pongDelays: [Nanoseconds] = []
    private let interval: ClosedRange<UInt64>
    private let length: ClosedRange<Int>

    /// `interval` is in milliseconds, `length` in bytes.
    init(
        _ world: World, _ name: String, isTLS: Bool, group: PeerGroup?, every interval: ClosedRange<UInt64>,
        length: ClosedRange<Int>
    ) {
        (self.interval, self.length) = (interval, length)
        super.init(world, name, isTLS: isTLS, group: group)
        say("LOGIN \(name)\n")
        type()
        ask()
    }

    /// Adds the waits that have not ended, with their length up to now.
    func noteMissing() {
        lineDelays += said.values.map { world.now - $0 }
        pongDelays += asked.map { world.now - $0 }
    }

    private func type() {
        world.after(.random(in: interval, using: &world.random) * 1_000_000) { [self] in
            guard !hasEnded, !world.isQuiet else { return }
            number += 1
            let text = "\(number) " + String(repeating: "t", count: .random(in: length, using: &world.random))
            if world.now > world.measuresFrom { said[LineHash.of("MSG \(name) \(text)")] = world.now }
            say("MSG \(text)\n")
            type()
        }
    }

    private func ask() {
        world.after(.random(in: 100...500, using: &world.random) * 1_000_000) { [self] in
            guard !hasEnded, !world.isQuiet else { return }
            if world.now > world.measuresFrom {
                asked.append(world.now)
                say("PING\n")
            }
            ask()
        }
    }

    override func received(_ line: UnsafeBufferPointer<UInt8>, hash: UInt64) {
        if hash == LineHash.pong {
            if !asked.isEmpty { pongDelays.append(world.now - asked.removeFirst()) }
        } else if let time = said.removeValue(forKey: hash) {
            lineDelays.append(world.now - time)
        }
    }
}
