import FlowControl

/// The rates of typed text, and of changes of names and rooms. Lines above their rate wait; changes above it get an error.
public struct SpeechRates: Sendable {
    /// The tokens that a line takes in addition to its bytes.
    static let lineOverhead = 64
    /// The rate of LOGIN, JOIN and LEAVE.
    static let changes = TokenBucket.Rate(burst: 10, interval: .seconds(2))

    let connection: TokenBucket.Rate
    let address: TokenBucket.Rate

    /// `interactiveRate` is in bytes a second, for each connection.
    init(interactiveRate: Int) {
        connection = TokenBucket.Rate(burst: 8 << 10, perSecond: interactiveRate)
        address = TokenBucket.Rate(burst: 256 << 10, perSecond: 32 * interactiveRate)
    }
}
