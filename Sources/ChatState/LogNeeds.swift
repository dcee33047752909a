import FlowControl

/// The part of a room's log that receivers still need, as positions. `.max` means that no receiver needs any.
public struct LogNeeds: Equatable, Sendable {
    /// The lowest position that a receiver needs.
    public var all: Int
    /// The lowest position that a healthy receiver needs.
    public var healthy: Int
    /// The position up to which the event loops can soon send the log to all receivers.
    public var sweepEnd: Int

    /// By default, the needs of no receiver.
    public init(all: Int = .max, healthy: Int = .max, sweepEnd: Int = .max) {
        (self.all, self.healthy, self.sweepEnd) = (all, healthy, sweepEnd)
    }

    /// The needs of a new member, the last of so many, that enters the room at a position.
    init(ofMember members: Int, from position: Int) {
        self.init(all: position, healthy: position, sweepEnd: position + Cost.sweepLimit(members: members))
    }

    /// Adds the needs of other receivers.
    public mutating func include(_ others: Self) {
        all = min(all, others.all)
        healthy = min(healthy, others.healthy)
        sweepEnd = min(sweepEnd, others.sweepEnd)
    }
}
