import ChatProtocol

/// The members of a room, in the order of arrival.
struct Roster: Sendable {
    private var members: [User] = []

    var count: Int { members.count }

    /// Adds a user that arrives after all others.
    mutating func add(_ user: User) {
        members.append(user)
    }

    /// - Precondition: the user is a member.
    mutating func remove(_ user: User) {
        members.remove(at: firstPlace(from: user.arrival))
    }

    /// Returns the names of members that arrived within a range, as many as have lines of at most `limit` bytes together,
    /// and the arrival at which the next piece begins: the range's end if there is none.
    func names(arrivedIn range: Range<Int>, limit: Int) -> (names: [Username], next: Int) {
        var names: [Username] = []
        var size = 0
        for member in members[firstPlace(from: range.lowerBound)...] {
            guard member.arrival < range.upperBound else { break }
            size += Reply.size(ofUser: member.name)
            guard size <= limit || names.isEmpty else { return (names, member.arrival) }
            names.append(member.name)
        }
        return (names, range.upperBound)
    }

    /// By binary search: arrivals only grow.
    private func firstPlace(from arrival: Int) -> Int {
        var (low, high) = (0, members.count)
        while low < high {
            let middle = (low + high) / 2
            if members[middle].arrival < arrival { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
