import ChatProtocol
import EventLoop

/// What a peer that speaks text is told on a port that speaks TLS.
///
/// Source: PROTOCOL.md, "The wrong protocol on a port".
enum PlaintextAnswer {
    /// A line, by the first line that the peer sent and by the address that it found.
    static func bytes(to line: Span<UInt8>, at address: SocketAddress) -> [UInt8] {
        if case .httpRequest = Command(line) { return Reply.error(.unknownCommand).bytes }
        return Reply.error(.speaksTLS(address: address.description)).bytes
    }
}
