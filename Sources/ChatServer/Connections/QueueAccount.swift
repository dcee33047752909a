/// What waits for all receivers of an event loop together, and whom they hold up.
struct QueueAccount {
    private let limit: Int
    private var size = 0
    private var (holdsOfFloods, holdsOfEverybody) = (0, 0)

    /// `limit` is in bytes.
    init(limit: Int) {
        self.limit = limit
    }

    /// More waits than may: the slowest have to go.
    var isFull: Bool { size > limit }

    /// An eighth less than may wait, so that the slowest need not be looked for in every turn.
    var hasRoom: Bool { size <= limit / 8 * 7 }

    /// Who has to wait for receivers that are behind.
    var hold: Hold { holdsOfEverybody > 0 ? .everybody : holdsOfFloods > 0 ? .floods : .nobody }

    /// A receiver's queue takes so many bytes more, or less.
    mutating func grow(by growth: Int) {
        size += growth
    }

    /// A receiver holds up others than before.
    mutating func note(_ new: Hold, insteadOf old: Hold) {
        count(old, -1)
        count(new, 1)
    }

    private mutating func count(_ hold: Hold, _ change: Int) {
        switch hold {
        case .nobody: break
        case .floods: holdsOfFloods += change
        case .everybody: holdsOfEverybody += change
        }
    }
}
