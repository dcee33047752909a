import FlowControl

/// What receivers need of a room's log: positions, `.max` where nobody needs any.
public struct LogNeeds: Equatable, Sendable {
    /// From where on they need it.
    public var all: Int
    /// From where on those who are healthy need it.
    public var healthy: Int
    /// Up to where all of them can be sent it soon.
    public var sweepEnd: Int

    /// By default nobody's.
    public init(all: Int = .max, healthy: Int = .max, sweepEnd: Int = .max) {
        (self.all, self.healthy, self.sweepEnd) = (all, healthy, sweepEnd)
    }

    /// Those of the last of so many members, who enters the room at a position.
    init(ofMember members: Int, from position: Int) {
        self.init(all: position, healthy: position, sweepEnd: position + Cost.sweepLimit(members: members))
    }

    /// Others need it as well.
    public mutating func include(_ others: Self) {
        all = min(all, others.all)
        healthy = min(healthy, others.healthy)
        sweepEnd = min(sweepEnd, others.sweepEnd)
    }
}
