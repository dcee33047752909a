import EventLoop

/// A share of a turn's time. It begins with the first call of `isOver`: a turn with little work never reads the clock.
struct TimeSlice {
    private let share: Duration
    private var end: Instant?

    init(_ share: Duration) {
        self.share = share
    }

    mutating func isOver(on loop: EventLoop) -> Bool {
        let now = loop.currentTime
        guard let end else {
            end = now + share
            return false
        }
        return end <= now
    }
}
