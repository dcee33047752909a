import EventLoop

/// A share of a turn's time. It begins with the first question: a turn with little to do never asks for the time.
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
