/// A line, or a few, that the server sends. Every reply ends with one LF.
///
/// Source: PROTOCOL.md, "Commands".
public enum Reply {
    case ok
    case pong
    case help
    case error(ProtocolError)
    /// A line for each.
    case users([Username])
    case joined(Username)
    case disconnected(Username)
    case shuttingDown

    /// The reply as it crosses the wire.
    public var bytes: [UInt8] { Array(text.utf8) }

    /// The size of a user's line in ``users(_:)``, in bytes.
    public static func size(ofUser name: Username) -> Int { "USER \n".utf8.count + name.text.utf8.count }

    private var text: String {
        switch self {
        case .ok: "OK\n"
        case .pong: "PONG\n"
        case .help: Self.helpText
        case .error(let error): "ERR \(error)\n"
        case .users(let names): names.map { "USER \($0.text)\n" }.joined()
        case .joined(let name): "INFO \(name.text) joined the chat\n"
        case .disconnected(let name): "INFO \(name.text) disconnected\n"
        case .shuttingDown: "INFO server shutting down\n"
        }
    }

    private static let helpText = """
        INFO LOGIN <username>      join the chat under this name
        INFO MSG <text>            say something to everybody
        INFO WHO                   list who is here
        INFO DM <username> <text>  say something to one user
        INFO PING                  is answered by PONG
        INFO HELP                  list these commands
        INFO EXIT                  leave (also QUIT)

        """
}
