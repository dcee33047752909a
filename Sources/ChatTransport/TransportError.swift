public import EventLoop

/// Why a stream is of no further use.
public enum TransportError: Error, Equatable, CustomStringConvertible {
    /// The kernel's reason.
    case socket(SystemCallError)
    /// The peer speaks another transport. It was told so in its own protocol; an orderly close is all that is left.
    case wrongTransport(String)

    /// For the log.
    public var description: String {
        switch self {
        case .socket(let error): "\(error)"
        case .wrongTransport(let spoken): "the peer speaks \(spoken)"
        }
    }
}
