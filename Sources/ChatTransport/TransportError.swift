public import EventLoop

/// Why a stream is of no further use.
public enum TransportError: Error, Equatable, CustomStringConvertible {
    /// The kernel's reason.
    case socket(SystemCallError)
    /// OpenSSL's reason. The peer was sent the alert that belongs to it; an orderly close is all that is left.
    case tls(OpenSSLError)
    /// The peer's bytes end, and not in the way that the transport prescribes: anybody may have cut them off.
    case truncated
    /// The peer speaks another transport. It was told so in its own protocol; an orderly close is all that is left.
    case wrongTransport(String)

    /// For the log.
    public var description: String {
        switch self {
        case .socket(let error): "\(error)"
        case .tls(let error): "\(error)"
        case .truncated: "the peer's stream is cut off"
        case .wrongTransport(let spoken): "the peer speaks \(spoken)"
        }
    }
}
