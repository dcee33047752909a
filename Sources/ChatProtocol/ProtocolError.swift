/// What an `ERR` line says.
///
/// Source: PROTOCOL.md, "Commands", and the list below its table.
public enum ProtocolError: Error, Equatable, Sendable, CustomStringConvertible {
    case usernameTaken
    case alreadyLoggedIn
    case invalidUsername
    case notLoggedIn
    case userNotFound
    /// Too many direct messages are pending for the receiver.
    case notDelivered
    /// Names change more often than the limit allows.
    case tooFast
    case usernameMismatch
    case usernameReclaimed
    case unknownCommand
    case lineTooLong
    case usage(Command.Usage)
    case loginTimeout
    case idleTimeout
    case tooSlow
    case tooManyConnections
    case tooManyFromAddress
    case connectingTooFast
    case tooManyUsers
    /// The peer speaks text on a port, found at this address, that speaks TLS.
    case speaksTLS(address: String)

    /// What stands behind `ERR `.
    public var description: String {
        switch self {
        case .usernameTaken: "username-taken"
        case .alreadyLoggedIn: "already-logged-in"
        case .invalidUsername: "invalid-username"
        case .notLoggedIn: "not-logged-in"
        case .userNotFound: "user-not-found"
        case .notDelivered: "not-delivered"
        case .tooFast: "too-fast"
        case .usernameMismatch: "username-mismatch"
        case .usernameReclaimed: "username-reclaimed"
        case .unknownCommand: "unknown-command"
        case .lineTooLong: "line-too-long"
        case .usage(let usage): "usage \(usage.rawValue)"
        case .loginTimeout: "login-timeout"
        case .idleTimeout: "idle-timeout"
        case .tooSlow: "too-slow"
        case .tooManyConnections: "too-many-connections"
        case .tooManyFromAddress: "too-many-from-your-address"
        case .connectingTooFast: "connecting-too-fast"
        case .tooManyUsers: "too-many-users"
        case .speaksTLS(let address): "this port speaks TLS: openssl s_client -quiet -connect \(address)"
        }
    }
}
