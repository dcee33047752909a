import ChatProtocol

/// A line of the server's, as PROTOCOL.md has it.
enum ServerLine: Equatable {
    case message(sender: String, text: String)
    case joined(String)
    case disconnected(String)
    case shuttingDown
    case direct(sender: String, text: String)
    case user(String)
    case ok
    case pong
    /// What stands behind `ERR `.
    case error(String)
    /// A line of HELP's answer, counted from 0.
    case help(Int)
    /// None that the server has.
    case other

    /// The lines of HELP's answer.
    static let helpLines = String(decoding: Reply.help.bytes, as: UTF8.self).split(separator: "\n").map(String.init)

    /// A line without its LF.
    init(_ line: some Sequence<UInt8>) {
        let text = String(decoding: Array(line), as: UTF8.self)
        let words = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        switch (words[0], words.count) {
        case ("MSG", 3): self = .message(sender: words[1], text: words[2])
        case ("DM", 3): self = .direct(sender: words[1], text: words[2])
        case ("USER", 2): self = .user(words[1])
        case ("OK", 1): self = .ok
        case ("PONG", 1): self = .pong
        case ("ERR", 2...): self = .error(words.dropFirst().joined(separator: " "))
        case ("INFO", 3) where words[2] == "joined the chat": self = .joined(words[1])
        case ("INFO", 3) where words[2] == "disconnected": self = .disconnected(words[1])
        case ("INFO", 3) where text == "INFO server shutting down": self = .shuttingDown
        case ("INFO", _): self = Self.helpLines.firstIndex(of: text).map(Self.help) ?? .other
        default: self = .other
        }
    }

    /// Whether everybody in the room gets it.
    var isPublic: Bool {
        switch self {
        case .message, .joined, .disconnected, .shuttingDown: true
        case .direct, .user, .ok, .pong, .error, .help, .other: false
        }
    }
}
