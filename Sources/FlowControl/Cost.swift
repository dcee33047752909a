/// Estimates of CPU time, in nanoseconds. Measured on one core; what counts is their ratio.
public enum Cost {
    /// The cost that a connection may use in its turn.
    public static let quantum = 20_000
    /// The cost that all logged-in connections together may use in one turn of an event loop.
    public static let readBudget = 2_000_000
    /// The cost that all unauthenticated connections together may use in one turn of an event loop.
    public static let unauthenticatedBudget = 800_000
    /// A read from a socket, or of a TLS record.
    public static let read = 1_500
    /// A line that is parsed and answered.
    public static let line = 400

    /// A line of `bytes` that goes to so many receivers, over and above their one write in a turn. A quantum is some 4 KiB in
    /// a small room.
    public static func fanOut(bytes: Int, receivers: Int) -> Int { 5 * bytes + receivers * (10 + bytes / 8) }

    /// How many bytes an event loop can send to each of so many members in some 10 ms, or at once if that is less.
    public static func sweepLimit(members: Int) -> Int { max(10_000_000 / max(members, 1), 16 << 10) }

    /// The case folding of a name: expensive for other letters than ASCII's, by the length that compatibility mappings
    /// expand it to. `scalars` is bounded by the length of a line.
    public static func folding(scalars: Int, isASCII: Bool) -> Int {
        isASCII ? 300 : 20_000 + min(scalars, 128) * 6_000
    }

    /// Making a line of so many bytes safe, if it is not printable ASCII.
    public static func sanitising(bytes: Int) -> Int { 8 * bytes }

    /// A reply of so many bytes.
    public static func reply(bytes: Int) -> Int { 200 + bytes / 4 }
}
