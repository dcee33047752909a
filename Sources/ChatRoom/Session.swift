public import ChatProtocol

/// One connection's part in the chat, from its first line to its end.
///
/// Decides, together with the ``Room``, and sends nothing itself: what it owes comes with the next ``Dispatch``.
/// Confined to the connection's event loop.
public final class Session {
    /// What a line has led to.
    public enum Outcome: Equatable, Sendable {
        /// The session goes on. It was the cause of about this many bytes for each who gets them, or of as much work.
        case goesOn(bytes: Int)
        /// Nothing more is read from this connection: what it is owed is sent, then it is closed.
        case ends
    }

    private struct User {
        let membership: Membership
        let messagePrefix: [UInt8]

        var name: Username { membership.name }
    }

    private enum Identity {
        /// Anybody, who takes any name.
        case unverified
        /// The owner of this name; of none where no name in the certificate is one.
        case verified(Username?)
    }

    private let room: Room
    private let connection: ConnectionID
    private var identity = Identity.unverified
    private var user: User?

    /// A session before its LOGIN.
    public init(_ connection: ConnectionID, in room: Room) {
        self.connection = connection
        self.room = room
    }

    /// The user's name, once logged in.
    public var username: Username? { user?.name }

    /// The peer was verified as the owner of these names: it is the first of them that is a username, and nobody else.
    public func identify(by names: [String]) {
        identity = .verified(names.lazy.compactMap(username).first)
    }

    /// A line without its LF came, as the client sent it.
    public func receive(_ line: Span<UInt8>) -> Outcome {
        if TerminalSafety.isPlain(line) { return receive(safe: line) }
        let safe = TerminalSafety.sanitised(line)
        return receive(safe: safe.span)
    }

    /// A line came that is above the limit, and was not kept.
    public func receiveTooLong() -> Outcome {
        reply(.error(.lineTooLong))
    }

    /// Tells this connection why the server closes it, as its last line.
    public func close(for reason: ProtocolError) {
        let line = Reply.error(reason).bytes
        if let user = user.take() {
            room.logout(user.membership, lastLine: line)
        } else {
            room.reply(line, to: connection)
        }
    }

    /// The connection has ended, for any reason: the name is free, and the others are told. Once is enough.
    public func end() {
        guard let user = user.take() else { return }
        room.logout(user.membership)
    }

    private func receive(safe line: Span<UInt8>) -> Outcome {
        switch Command(line) {
        case .blank: return .goesOn(bytes: 0)
        case .ping: return reply(.pong)
        case .help: return reply(.help)
        case .login(let name):
            let name = String(line.extracting(name))
            return login(as: name).costing(Self.cost(of: name))
        case .incomplete(.login): return reply(.error(user == nil ? .usage(.login) : .alreadyLoggedIn))
        case .exit:
            end()
            return .ends
        case .httpRequest:
            close(for: .unknownCommand)
            return .ends
        case let command:
            guard let user else { return reply(.error(.notLoggedIn)) }
            return receive(command, in: line, from: user)
        }
    }

    private func receive(_ command: Command, in line: Span<UInt8>, from user: User) -> Outcome {
        switch command {
        case .message(let text):
            room.announce(user.messagePrefix, line.extracting(text), from: user.membership)
            return .goesOn(bytes: user.messagePrefix.count + text.count + 1)
        case .direct(let name, let text):
            let name = String(line.extracting(name))
            return direct(line.extracting(text), to: name, from: user).costing(Self.cost(of: name))
        case .who: return .goesOn(bytes: room.who(for: user.membership))
        case .incomplete(let usage): return reply(.error(.usage(usage)))
        default: return reply(.error(.unknownCommand))
        }
    }

    private func login(as text: String) -> Outcome {
        guard user == nil else { return reply(.error(.alreadyLoggedIn)) }
        guard let name = username(text) else { return reply(.error(.invalidUsername)) }
        var isVerified = false
        if case .verified(let owned) = identity {
            guard owned == name else { return reply(.error(.usernameMismatch)) }
            isVerified = true
        }
        if let membership = room.login(name, for: connection, isVerified: isVerified) {
            user = User(membership: membership, messagePrefix: Array("MSG \(name.text) ".utf8))
        }
        return .goesOn(bytes: name.text.utf8.count)
    }

    private func direct(_ text: Span<UInt8>, to name: String, from user: User) -> Outcome {
        guard let receiver = username(name) else { return reply(.error(.userNotFound)) }
        let prefix = Array("DM \(user.name.text) ".utf8)
        room.direct(prefix, text, to: receiver, from: user.membership)
        return .goesOn(bytes: prefix.count + text.count + 1)
    }

    /// To fold a name of other letters than ASCII's takes as long as to send so many bytes to some fifty receivers.
    private static func cost(of name: String) -> Int { name.utf8.allSatisfy { $0 < 0x80 } ? 0 : 2 << 10 }

    private func username(_ text: String) -> Username? {
        Username(text, maximumLength: room.maximumNameLength)
    }

    private func reply(_ reply: Reply) -> Outcome {
        let lines = reply.bytes
        if let user {
            room.reply(lines, to: user.membership)
        } else {
            room.reply(lines, to: connection)
        }
        return .goesOn(bytes: lines.count)
    }
}

extension Session.Outcome {
    fileprivate func costing(_ more: Int) -> Self {
        guard case .goesOn(let bytes) = self else { return self }
        return .goesOn(bytes: bytes + more)
    }
}

extension String {
    fileprivate init(_ bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
