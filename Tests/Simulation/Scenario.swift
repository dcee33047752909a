import ChatServer
import EventLoop
import FlowControl

/// Who is in a simulated chat, and for how long.
struct Scenario {
    let name: String
    /// Of virtual time.
    var seconds: UInt64 = 120
    var loops = 1
    var limits = Limits()
    /// Whether it is one of the known attacks.
    var isNamed = true
    /// Whether no network is exempt: every client then has an address, attackers share a few.
    var hasAddresses = false
    /// Adds the attackers and receivers that make the scenario what it is.
    let populate: (Cast) -> Void
}

/// The clients of a scenario.
final class Cast {
    let world: World
    let hasAddresses: Bool
    private var addresses: UInt64 = 0
    private(set) var typists: [Typist] = []
    private(set) var visitors: [Visitor] = []
    private(set) var readers: [Peer] = []
    private(set) var pasters: [Paster] = []
    private var others: [Peer] = []
    let witness: Reader

    init(_ world: World, hasAddresses: Bool) {
        self.world = world
        self.hasAddresses = hasAddresses
        witness = Reader(
            world, "witness", group: hasAddresses ? .address(family: 4, bits: 1 << 20) : nil, reading: .everything)
    }

    /// An address of its own.
    func ownAddress() -> PeerGroup? {
        addresses += 1
        return hasAddresses ? .address(family: 4, bits: addresses) : nil
    }

    /// One of a few addresses.
    func sharedAddress(_ number: Int) -> PeerGroup? {
        hasAddresses ? .address(family: 4, bits: 1 << 30 + UInt64(number % 20)) : nil
    }

    func addTypist(every interval: ClosedRange<UInt64> = 1_000...6_000) {
        let number = typists.count
        typists.append(
            Typist(
                world, "typist\(number)", isTLS: number.isMultiple(of: 2), group: ownAddress(), every: interval))
    }

    func addReader(_ reading: Peer.Reading, receiveBuffer: Int = 128 << 10, isTLS: Bool = false) {
        readers.append(
            Reader(
                world, "reader\(readers.count)", isTLS: isTLS, group: ownAddress(), reading: reading,
                receiveBuffer: receiveBuffer))
    }

    /// A receiver that nothing is promised to.
    func addStalled(_ count: Int) {
        for _ in 0..<count {
            let number = others.count
            others.append(
                Reader(world, "stalled\(number)", group: sharedAddress(number), reading: .nothing))
        }
    }

    @discardableResult
    func addPaster(lines: Int, length: Int = 20, after time: Nanoseconds = .seconds(5)) -> Self {
        let group = ownAddress()
        let number = addresses
        world.after(time) { [self] in
            pasters.append(
                Paster(
                    world, "paster\(number)", isTLS: number.isMultiple(of: 2), group: group, lines: lines,
                    length: length))
        }
        return self
    }

    func add(_ peer: Peer) {
        others.append(peer)
    }

    /// Somebody comes every few seconds.
    func addVisitors() {
        world.after(.seconds(2)) { [self] in
            let number = visitors.count
            visitors.append(Visitor(world, "visitor\(number)", isTLS: number.isMultiple(of: 2), group: ownAddress()))
            addVisitors()
        }
    }
}
