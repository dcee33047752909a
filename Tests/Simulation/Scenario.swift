import ChatServer
import FlowControl

/// Who is in a simulated chat, and for how long.
struct Scenario {
    let name: String
    /// How long the chat is at least, in virtual time. It goes on until all pastes are whole.
    var seconds: UInt64 = 60
    /// For how long nobody looks at the delays, in milliseconds: a crowd comes at the beginning.
    var warmUp: UInt64 = 1_000
    /// When hostile clients say nothing more; `nil`: at the end.
    var attackEnd: UInt64?
    var loops = 1
    var limits = Limits()
    /// Whether it is one of the known attacks.
    var isNamed = true
    /// Whether no network is exempt: every client then has an address, attackers share a few.
    var hasAddresses = false
    /// Adds the attackers and receivers that make the scenario what it is.
    let populate: (Cast) -> Void
}

extension Limits {
    /// A small log, so that little text fills it, and by default no more memory than goes with it.
    static func small(memory: Int = 4 << 20) -> Limits {
        var limits = Limits()
        (limits.roomLog, limits.memory) = (1 << 20, memory)
        return limits
    }
}
