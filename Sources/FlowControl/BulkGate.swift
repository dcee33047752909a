/// Up to where bulk lines may extend a room's log before they wait.
///
/// They wait while a healthy receiver lags by more than half of the log, until it lags by 1/64 of the log less. They also wait
/// while an event loop has more to send to its members than takes some milliseconds: typed lines come after it.
public struct BulkGate: Sendable {
    private let limit: Int
    private let hysteresis: Int
    private var isClosed = false

    /// `roomLog` is the size of the room's log in bytes.
    public init(roomLog: Int) {
        limit = roomLog / 2
        hysteresis = roomLog / 64
    }

    /// How many bytes bulk lines may add, where the log ends at `end`: `slowestHealthy` is the lowest position that a healthy
    /// receiver needs, `.max` if there is none, and `sweepEnd` the highest that all event loops can send soon.
    public mutating func space(end: Int, slowestHealthy: Int, sweepEnd: Int) -> Int {
        let lag = slowestHealthy == .max ? 0 : end - slowestHealthy
        isClosed = lag > (isClosed ? limit - hysteresis : limit)
        return isClosed ? 0 : max(min(limit - lag + 1, sweepEnd - end), 0)
    }
}
