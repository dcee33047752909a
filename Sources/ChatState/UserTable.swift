import ChatProtocol

/// A logged-in user. A class, because a look-up of a value would count references to all of its strings.
final class User: Sendable {
    let name: Username
    let connection: ConnectionID
    /// Whether a certificate says that the name is this user's.
    let isVerified: Bool
    let room: RoomID
    /// When the user entered the room, in the order of all arrivals.
    let arrival: Int

    init(name: Username, connection: ConnectionID, isVerified: Bool, room: RoomID, arrival: Int) {
        self.name = name
        self.connection = connection
        self.isVerified = isVerified
        self.room = room
        self.arrival = arrival
    }
}

/// All users, each in a slot and under its name.
struct UserTable: Sendable {
    private struct Slot {
        var generation: UInt32 = 0
        var user: User?
    }

    private var slots: [Slot] = []
    private var freeSlots: [UInt32] = []
    private var names: [Username.Key: UserID] = [:]

    var count: Int { names.count }

    subscript(id: UserID) -> User? {
        slots[Int(id.slot)].generation == id.generation ? slots[Int(id.slot)].user : nil
    }

    func id(of key: Username.Key) -> UserID? { names[key] }

    /// Adds a user whose name is free.
    mutating func add(_ user: User) -> UserID {
        let slot: UInt32
        if let free = freeSlots.popLast() {
            slot = free
        } else {
            slot = UInt32(slots.count)
            slots.append(Slot())
        }
        slots[Int(slot)].user = user
        let id = UserID(slot: slot, generation: slots[Int(slot)].generation)
        names[user.name.key] = id
        return id
    }

    /// Removes a user and frees its name. Returns `nil` if the user has left already.
    mutating func remove(_ id: UserID) -> User? {
        guard let user = self[id] else { return nil }
        names[user.name.key] = nil
        slots[Int(id.slot)].user = nil
        slots[Int(id.slot)].generation &+= 1
        freeSlots.append(id.slot)
        return user
    }
}
