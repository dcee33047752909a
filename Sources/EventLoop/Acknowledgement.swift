/// What a peer has acknowledged of a TCP connection.
public struct Acknowledgement: Sendable {
    /// All bytes that it has acknowledged.
    public let bytes: UInt64
    /// Segments that were sent and not acknowledged.
    public let unacknowledgedSegments: Int

    /// So many bytes and segments.
    public init(bytes: UInt64, unacknowledgedSegments: Int) {
        self.bytes = bytes
        self.unacknowledgedSegments = unacknowledgedSegments
    }
}
