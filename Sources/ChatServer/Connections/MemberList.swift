/// Connections of members, in no order, of which each knows its place.
struct MemberList {
    /// Not retained: the worker has each for as long as it is here, for `forget` takes it out of both. A reference to be counted
    /// would be two atomic operations more for every delivery.
    private(set) var connections: [Unmanaged<Connection>] = []

    var isEmpty: Bool { connections.isEmpty }

    mutating func add(_ connection: Connection) {
        connection.membership = connections.count
        connections.append(.passUnretained(connection))
    }

    /// - Precondition: it is in this list.
    mutating func remove(_ connection: Connection) {
        guard let place = connection.membership else { return }
        connection.membership = nil
        let last = connections.removeLast().takeUnretainedValue()
        if last !== connection {
            connections[place] = .passUnretained(last)
            last.membership = place
        }
    }
}
