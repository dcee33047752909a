public import FlowControl

/// Whose account a pending direct message is in.
public struct DirectSender: Sendable {
    /// The group of the sender's connection.
    public let group: PeerGroup
    /// What the message takes, in bytes.
    public let size: Int
}
