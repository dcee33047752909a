import EventLoop

/// How much of a turn one sender gets, and when those who flood get theirs. Pure: the caller says what time it is.
///
/// Sizes are in bytes for each receiver, of what a sender's lines lead to.
struct FairShare {
    /// A sender's share while others say something too, and when receivers had to be waited for. To write so much takes little
    /// longer than to write one line.
    static let least = 16 << 10
    /// For how long somebody who has said little counts among those who say something.
    static let attention = Duration.seconds(1)
    /// Of the loop's time, one part in so many is for those who flood, while others say something too: these find the
    /// loop idle, and their receivers not behind.
    private static let floodsPart: UInt64 = 4

    /// However many receivers are behind, or say that they are: a paste goes on by a share in so long.
    private static let longestPause = Duration.seconds(1)

    private let most: Int
    /// A sender's share of the turn.
    private(set) var current: Int
    /// When those who flood get their next share, while others say something too.
    private(set) var floodsResume = Instant(nanoseconds: 0)
    /// When they get it while receivers are behind.
    private(set) var floodsOverdue = Instant(nanoseconds: 0)
    private var hasServedFlood = false

    /// The share grows to `most` while nobody else says anything.
    init(most: Int) {
        self.most = most
        current = most
    }

    mutating func beginTurn(othersSpeak: Bool) {
        current = othersSpeak ? Self.least : min(2 * current, most)
    }

    /// Nobody could be read, since receivers were behind.
    mutating func startAgain() {
        current = Self.least
    }

    /// Somebody had more to say than its share.
    mutating func noteFlood() {
        hasServedFlood = true
    }

    /// Those who flood pause for as long as leaves them their part of the time.
    mutating func endTurn(begunAt begin: Instant, now: @autoclosure () -> Instant) {
        guard hasServedFlood else { return }
        hasServedFlood = false
        let end = now()
        let elapsed = end.nanoseconds - begin.nanoseconds
        let resumption = Instant(nanoseconds: end.nanoseconds + (Self.floodsPart - 1) * elapsed)
        floodsResume = min(resumption, end + Self.longestPause)
    }

    /// One of those who flood goes on though receivers are behind.
    mutating func noteOverdue(at now: Instant) {
        floodsOverdue = now + Self.longestPause
    }
}
