/// An instant on a monotonic clock, or a length of time, in nanoseconds.
public typealias Nanoseconds = UInt64

extension Nanoseconds {
    /// So many seconds.
    public static func seconds(_ count: UInt64) -> Self { count * 1_000_000_000 }

    /// So many microseconds.
    public static func microseconds(_ count: UInt64) -> Self { count * 1_000 }
}
