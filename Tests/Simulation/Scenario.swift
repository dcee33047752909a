import ChatServer
import FlowControl

/// The clients of a simulated chat, and its length.
struct Scenario {
    let name: String
    /// The minimum length of the chat, in virtual time. The chat lasts until all pastes are whole.
    var seconds: UInt64 = 60
    /// The time before delays are measured, in milliseconds, because many clients come at the beginning.
    var warmUp: UInt64 = 1_000
    /// When hostile clients stop sending; `nil`: at the end.
    var attackEnd: UInt64?
    var loops = 1
    var limits = Limits()
    /// Whether it is one of the known attacks.
    var isNamed = true
    /// Whether no network is exempt: every client then has an address, attackers share a few.
    var hasAddresses = false
    /// Adds the clients of the scenario.
    let populate: (Cast) -> Void
}

extension Limits {
    /// A small log, so that little text fills it, and by default no more memory than goes with it.
    static func small(memory: Int = 4 << 20) -> Limits {
        var limits = Limits()
        (limits.roomLog, limits.memory) = (1 << 20, memory)
        return limits
    }

    /// The shortest stall timeout that may be configured.
    static var impatient: Limits {
        var limits = Limits()
        limits.stallTimeout = .seconds(5)
        return limits
    }
}
