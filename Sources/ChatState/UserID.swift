/// Names one user from its LOGIN to its end. Unlike its slot, it is never used again.
public struct UserID: Hashable, Sendable {
    let slot: UInt32
    /// How many users have left the slot before this one.
    let generation: UInt32
}
