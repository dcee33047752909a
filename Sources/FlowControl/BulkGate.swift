/// Backpressure for bulk lines: limits how far they may extend a room's log.
///
/// They wait once a healthy receiver lags by more than half of the log, until its lag has fallen by 1/64 of the log. They
/// also wait while an event loop needs more than some milliseconds to send the log to its members, because typed lines are
/// sent after the lines that are already in the log.
public struct BulkGate: Sendable {
    private let limit: Int
    private let hysteresis: Int
    private var isClosed = false

    /// `roomLog` is the size of the room's log in bytes.
    public init(roomLog: Int) {
        limit = roomLog / 2
        hysteresis = roomLog / 64
    }

    /// Returns how many bytes bulk lines may add to a log that ends at `end`. `slowestHealthy` is the lowest position that a
    /// healthy receiver needs, `.max` if there is none. All event loops can soon send the log up to `sweepEnd`.
    public mutating func space(end: Int, slowestHealthy: Int, sweepEnd: Int) -> Int {
        let lag = slowestHealthy == .max ? 0 : end - slowestHealthy
        isClosed = lag > (isClosed ? limit - hysteresis : limit)
        return isClosed ? 0 : max(min(limit - lag + 1, sweepEnd - end), 0)
    }
}
