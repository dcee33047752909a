import FlowControl

/// How much is typed, and how often names and rooms change: what is more waits, or gets an error.
public struct SpeechRates: Sendable {
    /// What a line takes besides its bytes.
    static let lineOverhead = 64
    /// Of LOGIN, JOIN and LEAVE.
    static let changes = TokenBucket.Rate(burst: 10, interval: .seconds(2))

    let connection: TokenBucket.Rate
    let address: TokenBucket.Rate

    /// `interactiveRate` is in bytes a second, for each connection.
    init(interactiveRate: Int) {
        connection = TokenBucket.Rate(burst: 8 << 10, perSecond: interactiveRate)
        address = TokenBucket.Rate(burst: 256 << 10, perSecond: 32 * interactiveRate)
    }
}
