import ArgumentParser
import ChatTransport

/// The words of a server's protocol: how a client enters the room, and how a line of the load is said.
protocol Dialect {
    /// Whether senders receive their own lines.
    var echoes: Bool { get }
    /// Whether the server speaks in the clear before TLS begins.
    var startsTLSLater: Bool { get }
    /// How many may be on their way into the room at once, as long as the server lets them in without delay.
    var newcomers: Int { get }
    /// In bytes: the longest TLS record that servers are known to bear.
    var longestRecord: Int { get }

    /// What a client says first.
    func opening(of name: String) -> [UInt8]

    /// What to do about a line, without its terminator, that comes before the client is in the room.
    func step(for line: String) -> EntryStep

    /// How a client says a text to everybody.
    func say(_ text: [UInt8]) -> [UInt8]

    /// Whether a line, with its terminator, concerns its receiver alone.
    func isPrivate(_ line: UnsafeRawBufferPointer) -> Bool

    /// What a private line has to be answered with.
    func answer(to line: [UInt8]) -> [UInt8]
}

extension Dialect {
    var startsTLSLater: Bool { false }
    var newcomers: Int { 256 }
    var longestRecord: Int { Record.maximumSize }

    func isPrivate(_ line: UnsafeRawBufferPointer) -> Bool { false }

    func answer(to line: [UInt8]) -> [UInt8] { [] }
}

/// What a client does on its way into the room.
enum EntryStep: Equatable {
    case wait
    case send([UInt8])
    case entered
    case refused
}

/// A protocol by its name.
enum DialectName: String, CaseIterable, Codable, ExpressibleByArgument {
    case chat, irc, nats

    var dialect: any Dialect {
        switch self {
        case .chat: ChatDialect()
        case .irc: IRCDialect()
        case .nats: NATSDialect()
        }
    }
}
