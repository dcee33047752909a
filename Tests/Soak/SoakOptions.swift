import Foundation

/// How long a soak is, and of what.
struct SoakOptions {
    let seconds: Int
    let clients: Int
    let seed: UInt64
    /// The server's program.
    let executable: URL
    /// The path of the script that makes certificates.
    let certificates: String

    /// From where on it is long enough for two halves, each of which has everything in it.
    private static let longEnoughToHalve = 300

    /// The part of it behind which the server is weighed first.
    var warmUp: Duration { .seconds(min(seconds / 3, 60)) }

    /// What comes then. The server is weighed behind each.
    var parts: [Duration] {
        let rest = Duration.seconds(seconds) - warmUp
        return seconds < Self.longEnoughToHalve ? [rest] : [rest / 2, rest / 2]
    }
}
