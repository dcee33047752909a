/// Which event loop serves a member: members fill one loop before the next is used, so that a line wakes few loops.
public enum Placement {
    /// How many members a loop gets before the next one is used.
    public static let membersForLoop = 128

    /// The loop for one more member; `members` has each loop's count, and is not empty.
    public static func home(members: some Collection<Int>) -> Int {
        var (home, fewest) = (0, Int.max)
        for (loop, count) in members.enumerated() {
            if count < membersForLoop { return loop }
            if count < fewest { (home, fewest) = (loop, count) }
        }
        return home
    }
}
