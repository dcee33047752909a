import ChatProtocol

/// Who is in the room: each name once, in the order of their logins.
struct Roster: Sendable {
    private var places: [Username.Key: Int] = [:]
    /// A member who left leaves a gap, so that leaving does not move everybody behind.
    private var inOrder: [Membership?] = []

    var members: some Sequence<Membership> { inOrder.lazy.compactMap { $0 } }

    func member(_ key: Username.Key) -> Membership? {
        places[key].flatMap { inOrder[$0] }
    }

    var count: Int { places.count }

    /// Adds a member whose name is free.
    mutating func add(_ member: Membership) {
        places[member.name.key] = inOrder.count
        inOrder.append(member)
    }

    mutating func remove(_ key: Username.Key) {
        guard let place = places.removeValue(forKey: key) else { return }
        inOrder[place] = nil
        if inOrder.count > 2 * places.count + 16 { closeGaps() }
    }

    private mutating func closeGaps() {
        inOrder.removeAll { $0 == nil }
        for (place, member) in members.enumerated() {
            places[member.name.key] = place
        }
    }
}
