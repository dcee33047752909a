public import ChatProtocol
public import FlowControl

/// One connection's part in the chat, from its first line to its end.
///
/// Decides on lines, together with the ``Order``, and sends nothing itself: replies come with the loop's next ``Effects``.
/// Confined to the connection's event loop.
public struct Session {
    /// The outcome of a line.
    public enum Outcome: Equatable, Sendable {
        /// The session continues.
        case continues(Work)
        /// The line has to be received again when the loop may continue, at the latest at an instant.
        case waits(until: Nanoseconds, cost: Int)
        /// Nothing more is read from this connection: pending output is sent, then it is closed.
        case ends
    }

    /// The cost of a line, and its replies.
    public struct Work: Equatable, Sendable {
        /// The estimated CPU time, as in ``Cost``.
        public var cost = Cost.line
        /// The estimated CPU time of sending it to the room later, in all event loops together.
        public var fanOut = 0
        /// How many bytes of replies it has produced.
        public var replyBytes = 0
        /// How many lists it has begun.
        public var lists = 0

        /// The work of a line that asks for nothing.
        public init() {}

        init(cost: Int = Cost.line, fanOut: Int = 0, replyBytes: Int = 0, lists: Int = 0) {
            (self.cost, self.fanOut, self.replyBytes, self.lists) = (cost, fanOut, replyBytes, lists)
        }
    }

    private enum Identity {
        /// A peer that was not verified, and may take any free name.
        case unverified
        /// The owner of this name; of none if no name in the certificate is a username.
        indirect case verified(Username?)
    }

    private let order: any Order
    private var speaker: Speaker
    private var identity = Identity.unverified
    private var user: UserID?
    private var speech = TokenBucket()
    private var changes = TokenBucket()
    /// The collection for which the direct message that is received now has waited.
    private var awaited: Int?

    /// The user's name, once logged in, also after the session's end.
    public private(set) var username: String?

    /// A session before its LOGIN.
    public init(_ connection: ConnectionID, group: PeerGroup, in order: any Order) {
        speaker = Speaker(connection: connection, group: group)
        self.order = order
    }

    /// Whether the peer was verified by a certificate.
    public var isVerified: Bool {
        switch identity {
        case .unverified: false
        case .verified: true
        }
    }

    /// Another event loop serves the connection from now on. Only before the LOGIN.
    public mutating func move(to connection: ConnectionID) {
        speaker = Speaker(connection: connection, group: speaker.group)
    }

    /// Notes that the peer was verified as the owner of these names. It may log in only under the first username among them.
    public mutating func identify(by names: [String]) {
        identity = .verified(names.lazy.compactMap(username).first)
    }

    /// A line without its LF came, as the client sent it.
    public mutating func receive(_ line: Span<UInt8>, at now: Nanoseconds) -> Outcome {
        if TerminalSafety.isPlain(line) { return receive(safe: line, at: now) }
        let safe = TerminalSafety.sanitised(line)
        return receive(safe: safe.span, at: now).addingCost(Cost.sanitising(bytes: line.count))
    }

    /// A line came that is above the limit, and was not kept.
    public mutating func receiveTooLong() -> Outcome {
        reply(.error(.lineTooLong))
    }

    /// Tells this connection why the server closes it, as its last line.
    public mutating func close(for reason: ProtocolError) {
        let line = Reply.error(reason).bytes
        if let user = user.take() {
            order.logout(user, lastLine: line)
        } else {
            order.reply(line, to: speaker.connection)
        }
    }

    /// Ends the session, for any reason: the name is free, and the others are told. Later calls do nothing.
    public mutating func end() {
        guard let user = user.take() else { return }
        order.logout(user, lastLine: [])
    }

    private mutating func receive(safe line: Span<UInt8>, at now: Nanoseconds) -> Outcome {
        switch (Command(line), user) {
        case (.blank, _): return .continues(Work())
        case (.ping, _): return reply(.pong)
        case (.help, _): return reply(.help)
        case (.login(let name), _): return login(as: String(line.extracting(name)), at: now)
        case (.incomplete(.login), _): return login(as: nil, at: now)
        case (.exit, _):
            end()
            return .ends
        case (.httpRequest, _):
            close(for: .unknownCommand)
            return .ends
        case (.message, nil), (.direct, nil), (.who, nil), (.incomplete, nil), (.unknown, nil):
            return reply(.error(.notLoggedIn))
        case (.message(let text), let user?): return say(line.extracting(text), from: user, at: now)
        case (.direct(let name, let text), let user?):
            return direct(line.extracting(text), to: String(line.extracting(name)), from: user)
        case (.who, let user?):
            let (bytes, isFinished) = order.list(for: user)
            return .continues(
                Work(cost: Cost.line + Cost.reply(bytes: bytes), replyBytes: bytes, lists: isFinished ? 0 : 1))
        case (.incomplete(let usage), _?): return reply(.error(.usage(usage)))
        case (.unknown, _?): return reply(.error(.unknownCommand))
        }
    }

    /// `nil`: without a name.
    private mutating func login(as text: String?, at now: Nanoseconds) -> Outcome {
        guard changes.tryTake(1, SpeechRates.changes, at: now) else { return reply(.error(.tooFast)) }
        guard user == nil else { return reply(.error(.alreadyLoggedIn)) }
        guard let text else { return reply(.error(.usage(.login))) }
        let cost = Self.cost(ofFolding: text)
        guard let name = username(text) else { return reply(.error(.invalidUsername), cost: cost) }
        var isVerified = false
        if case .verified(let owned) = identity {
            guard owned == name else { return reply(.error(.usernameMismatch), cost: cost) }
            isVerified = true
        }
        if let id = order.login(name, for: speaker, isVerified: isVerified, at: now) {
            user = id
            username = name.text
            speech.take(LocalOrder.cost(ofEntering: name), order.speech.connection, at: now)
        }
        return .continues(Work(cost: Cost.line + cost, replyBytes: Reply.ok.bytes.count))
    }

    private mutating func say(_ text: Span<UInt8>, from user: UserID, at now: Nanoseconds) -> Outcome {
        speaker.refill = speech.refillInstant(order.speech.connection)
        switch order.say(text, from: user, speaker, at: now) {
        case .said(let length, let receivers, let isTyped):
            if isTyped { speech.take(SpeechRates.lineOverhead + length, order.speech.connection, at: now) }
            return .continues(Work(fanOut: Cost.fanOut(bytes: length, receivers: receivers)))
        case .waits(let instant, _): return .waits(until: instant, cost: Cost.line)
        }
    }

    private mutating func direct(_ text: Span<UInt8>, to name: String, from user: UserID) -> Outcome {
        let folding = Self.cost(ofFolding: name)
        guard let receiver = username(name) else { return reply(.error(.userNotFound), cost: folding) }
        switch order.direct(text, to: receiver, from: user, speaker, awaited: awaited) {
        case .said(let length, let receivers, _):
            awaited = nil
            // The receiver needs a separate write.
            let cost = Cost.line + folding + receivers * (Cost.read + Cost.reply(bytes: length))
            return .continues(Work(cost: cost))
        case .waits(let instant, let collection):
            awaited = collection
            return .waits(until: instant, cost: Cost.line + folding)
        }
    }

    private static func cost(ofFolding name: String) -> Int {
        Cost.folding(scalars: name.unicodeScalars.count, isASCII: name.utf8.allSatisfy { $0 < 0x80 })
    }

    private func username(_ text: String) -> Username? {
        Username(text, maximumLength: order.maximumNameLength)
    }

    private func reply(_ reply: Reply, cost: Int = 0) -> Outcome {
        let lines = reply.bytes
        if let user {
            order.reply(lines, to: user)
        } else {
            order.reply(lines, to: speaker.connection)
        }
        return .continues(
            Work(cost: Cost.line + cost + Cost.reply(bytes: lines.count), replyBytes: lines.count))
    }
}

extension Session.Outcome {
    fileprivate func addingCost(_ more: Int) -> Self {
        switch self {
        case .continues(var work):
            work.cost += more
            return .continues(work)
        case .waits(let instant, let cost): return .waits(until: instant, cost: cost + more)
        case .ends: return self
        }
    }
}

extension String {
    fileprivate init(_ bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
