import FlowControl

/// The clients of a scenario.
final class Cast {
    let world: World
    private let hasAddresses: Bool
    private var addresses: UInt64 = 0
    /// Clients that type, including bots.
    private(set) var typists: [Typist] = []
    private(set) var visitors: [Visitor] = []
    private(set) var correspondents: [Correspondent] = []
    /// Honest receivers, which are never disconnected.
    private(set) var readers: [Reader] = []
    private(set) var pasters: [Paster] = []
    private(set) var attackers: [Attacker] = []
    /// Receivers that the server may disconnect.
    private(set) var stalled: [Reader] = []
    /// How many silent members there are.
    private(set) var audience = 0
    private var isAttackOver = false
    /// How many attackers were disconnected although the limits of pending output suffice.
    private(set) var lostAttackers = 0
    private(set) var tooSlow: Reader?
    /// How many pasters have not come yet.
    private var expectedPasters = 0
    /// Receives everything. The lines of other clients are compared with its lines.
    let witness: Reader

    init(_ world: World, hasAddresses: Bool) {
        self.world = world
        self.hasAddresses = hasAddresses
        witness = Reader(
            world, "witness", group: hasAddresses ? .address(family: 4, bits: 1 << 20) : nil, reading: .everything)
    }

    /// About how many receivers a room line has.
    var memberCount: Int { typists.count + correspondents.count + readers.count + audience + attackers.count }

    /// Whether all pastes have come back.
    var hasWholePastes: Bool { expectedPasters == 0 && pasters.allSatisfy { $0.duration != nil } }

    /// An address of its own.
    func ownAddress() -> PeerGroup? {
        addresses += 1
        return hasAddresses ? .address(family: 4, bits: addresses) : nil
    }

    /// One of a few addresses.
    func sharedAddress(_ number: Int) -> PeerGroup? {
        hasAddresses ? .address(family: 4, bits: 1 << 30 + UInt64(number % 20)) : nil
    }

    func addTypist() {
        let number = typists.count
        typists.append(
            Typist(
                world, "typist\(number)", isTLS: number.isMultiple(of: 2), group: ownAddress(), every: 1_000...6_000,
                length: 5...50))
    }

    /// Adds a bot that says a line each second: 128 bytes with the overhead of a line, so that the bot never waits.
    func addBot() {
        let number = typists.count
        typists.append(
            Typist(
                world, "bot\(number)", isTLS: number.isMultiple(of: 2), group: ownAddress(), every: 1_000...1_000,
                length: 40...40))
    }

    /// Adds a client that writes direct messages to a receiver.
    func addCorrespondent(to receiver: Peer) {
        let number = correspondents.count
        correspondents.append(
            Correspondent(
                world, "friend\(number)", isTLS: number.isMultiple(of: 2), group: ownAddress(), to: receiver))
    }

    func addReader(_ reading: Peer.Reading, receiveBuffer: Int = 128 << 10, isTLS: Bool = false) {
        readers.append(
            Reader(
                world, "reader\(readers.count)", isTLS: isTLS, group: ownAddress(), reading: reading,
                receiveBuffer: receiveBuffer))
    }

    func addStalled(_ count: Int, reading: Peer.Reading = .nothing, receiveBuffer: Int = 128 << 10) {
        for _ in 0..<count {
            let number = stalled.count
            stalled.append(
                Reader(
                    world, "stalled\(number)", group: sharedAddress(number), reading: reading,
                    receiveBuffer: receiveBuffer))
        }
    }

    /// Expects that the server disconnects a stalled receiver, and tells it why. The receiver reads after 310 s.
    func expectTooSlow(of peer: Reader, receiveBuffer: Int) {
        world.after(.seconds(310)) { peer.read(.everything) }
        tooSlow = peer
    }

    /// Adds silent members that read everything.
    func addAudience(_ count: Int, name: String = "member") {
        audience += count
        for number in 0..<count {
            _ = Reader(
                world, "\(name)\(number)", group: hasAddresses ? ownAddress() : nil, reading: .everything,
                isAttentive: false)
        }
    }

    /// Adds clients whose machines vanish after some time.
    func addVanishing(_ count: Int, after time: Nanoseconds) {
        for number in 0..<count {
            let peer = Reader(
                world, "vanishing\(number)", isTLS: number.isMultiple(of: 2), group: sharedAddress(number),
                reading: .everything, isAttentive: false)
            world.after(time) { peer.connection.clientVanish() }
        }
    }

    func addPaster(lines: Int, length: Int = 20, after time: Nanoseconds = .seconds(5)) {
        let group = ownAddress()
        let number = addresses
        expectedPasters += 1
        world.after(time) { [self] in
            expectedPasters -= 1
            pasters.append(
                Paster(
                    world, "paster\(number)", isTLS: number.isMultiple(of: 2), group: group, lines: lines,
                    length: length))
        }
    }

    func addAttacker(
        _ name: String, login: Bool = true, isTLS: Bool = false, address: Int, reading: Peer.Reading = .everything,
        receiveBuffer: Int = 128 << 10, recordSize: Int = 16 << 10, isAddressed: Bool = false, saying text: String,
        rate: Double? = nil
    ) {
        // Honest clients come first, and take their names.
        world.after(.seconds(1)) { [self] in
            guard !isAttackOver else { return }
            attackers.append(
                Attacker(
                    world, name, login: login, isTLS: isTLS, group: sharedAddress(address), reading: reading,
                    receiveBuffer: receiveBuffer, recordSize: recordSize, isAddressed: isAddressed, saying: text,
                    rate: rate))
        }
    }

    /// Expects that the limits of pending output suffice up to now, so that no attacker is disconnected either.
    func expectAttackers(after time: Nanoseconds) {
        world.after(time) { [self] in lostAttackers = attackers.count { $0.connection.closedAt != nil } }
    }

    func stopAttackers() {
        isAttackOver = true
        for attacker in attackers { attacker.stop() }
    }

    /// Adds a new client every few seconds.
    func addVisitors() {
        world.after(.seconds(2)) { [self] in
            guard !world.isQuiet else { return }
            let number = visitors.count
            visitors.append(Visitor(world, "visitor\(number)", isTLS: number.isMultiple(of: 2), group: ownAddress()))
            addVisitors()
        }
    }
}
