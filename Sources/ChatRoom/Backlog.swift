/// What the room has decided for event loops that have not collected it yet.
public struct Backlog: Sendable {
    /// The loops for which something waits, and which therefore must be awake.
    public internal(set) var loops = LoopSet()
    /// What waits for the loop that is furthest behind, in bytes: a ``Dispatch/size``.
    public internal(set) var largest = 0
}
