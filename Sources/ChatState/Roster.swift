import ChatProtocol

/// The members of a room, in the order of arrival.
struct Roster: Sendable {
    private struct Place {
        let arrival: Int
        let user: UserID
        /// The place of a user that left stays, so that later places do not move.
        var hasLeft = false
    }

    private var places: [Place] = []
    private(set) var count = 0

    mutating func add(_ user: UserID, arrival: Int) {
        places.append(Place(arrival: arrival, user: user))
        count += 1
    }

    mutating func remove(arrival: Int) {
        let place = firstPlace(from: arrival)
        guard place < places.count, places[place].arrival == arrival, !places[place].hasLeft else { return }
        places[place].hasLeft = true
        count -= 1
        if places.count > 2 * count + 16 { places.removeAll(where: \.hasLeft) }
    }

    /// Returns the names of members that arrived within a range, as many as fit into `limit` bytes with some overhead for
    /// each, and the arrival at which the next piece begins: the range's end if there is none.
    func names(
        arrivedIn range: Range<Int>, limit: Int, of name: (UserID) -> Username?
    ) -> (names: [Username], next: Int) {
        var names: [Username] = []
        var size = 0
        var place = firstPlace(from: range.lowerBound)
        while place < places.count, places[place].arrival < range.upperBound {
            if !places[place].hasLeft, let name = name(places[place].user) {
                size += name.text.utf8.count + Reply.userOverhead
                guard size <= limit || names.isEmpty else { return (names, places[place].arrival) }
                names.append(name)
            }
            place += 1
        }
        return (names, range.upperBound)
    }

    /// By binary search: arrivals only grow.
    private func firstPlace(from arrival: Int) -> Int {
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].arrival < arrival { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
