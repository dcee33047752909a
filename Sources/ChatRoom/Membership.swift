import ChatProtocol
import Synchronization

/// One user's stay in the room, from the LOGIN to its end.
final class Membership: Sendable {
    let name: Username
    let connection: ConnectionID
    /// Whether a certificate says that the name is this user's.
    let isVerified: Bool
    /// Changes, and is looked at, under the room's lock only. Until the user's event loop learns of the end, its session
    /// may go on to speak.
    private let ended = Atomic(false)

    init(_ name: Username, of connection: ConnectionID, isVerified: Bool) {
        self.name = name
        self.connection = connection
        self.isVerified = isVerified
    }

    var isOver: Bool { ended.load(ordering: .relaxed) }

    func end() {
        ended.store(true, ordering: .relaxed)
    }
}
