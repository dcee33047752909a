/// The guests that come and go. Confined to the event loop.
final class Population {
    /// What became of the guests of a kind.
    struct Tally {
        var served = 0
        var mistreated = 0
    }

    /// By the kinds' titles.
    private(set) var tallies: [String: Tally] = [:]

    private let stage: Stage
    /// How many are to be there at once.
    private let size: Int
    private let mostNewcomers = 20

    init(_ size: Int, on stage: Stage) {
        self.size = size
        self.stage = stage
    }

    var served: Int { tallies.values.reduce(0) { $0 + $1.served } }

    /// Has one of each kind come.
    func bringOneOfEach() throws {
        for kind in AllChaos.kinds { try bring(kind) }
    }

    /// Has some come, if there are too few.
    func fill() throws {
        for _ in 0..<min(mostNewcomers, max(size - stage.guests.count, 0)) {
            guard let kind = choose() else { return }
            try bring(kind)
        }
    }

    func bring(_ kind: any Chaos) throws {
        stage.guests.append(try kind.makeGuest(in: stage.world, &stage.random))
    }

    /// Counts those who have gone.
    func look() {
        for guest in stage.guests { guest.look() }
        for guest in stage.guests {
            guard let wasServed = guest.wasServed else { continue }
            var tally = tallies[guest.title] ?? Tally()
            if wasServed { tally.served += 1 } else { tally.mistreated += 1 }
            tallies[guest.title] = tally
        }
        stage.guests.removeAll { $0.wasServed != nil }
    }

    private func choose() -> (any Chaos)? {
        let present = Dictionary(grouping: stage.guests, by: \.title).mapValues(\.count)
        let kinds = AllChaos.kinds.filter { present[$0.title, default: 0] < $0.limit }
        var place = Int.random(in: 0..<max(kinds.reduce(0) { $0 + $1.weight }, 1), using: &stage.random)
        return kinds.first { kind in
            place -= kind.weight
            return place < 0
        }
    }
}
