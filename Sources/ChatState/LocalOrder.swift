public import ChatProtocol
public import FlowControl
import Locking

/// The order of a chat in one process: every decision is made immediately, under one lock.
///
/// The lock is held for a look-up or an append, never for I/O, and never while a long reply is formatted. A closed order
/// decides nothing more.
public final class LocalOrder: Order {
    private struct State {
        var chat: ChatState
        var outlets: Outlets
        var addresses: AddressBuckets
    }

    public let maximumNameLength: Int
    public let speech: SpeechRates
    private let state: LockedValue<State>

    /// An order for so many event loops, 1 to ``LoopSet/capacity``.
    public init(loops: Int, limits: OrderLimits = OrderLimits()) {
        precondition((1...LoopSet.capacity).contains(loops))
        maximumNameLength = limits.usernameLength
        speech = SpeechRates(interactiveRate: limits.interactiveRate)
        state = LockedValue(
            State(
                chat: ChatState(maximumUsers: limits.users),
                outlets: Outlets(loops: loops, roomLog: limits.roomLog, memory: limits.memory),
                addresses: AddressBuckets(rate: speech.address)))
    }

    /// Gives a loop the decisions for its connections, takes its report and its readers' needs, and updates its readers to
    /// the logs' new ends.
    public func collect(
        for loop: Int, into effects: inout Effects, _ readers: inout [LogReader], _ report: inout LoopReport
    ) -> Collection {
        state.withLock { $0.outlets.collect(for: loop, into: &effects, &readers, &report) }
    }

    /// The memory that logs take, and the memory that the loops reported last, in bytes.
    package var memoryInUse: Int { state.withLock { $0.outlets.memoryInUse } }

    /// Closes the order, which then decides nothing more. The caller has to wake every loop.
    public func close() {
        state.withLock { $0.outlets.isClosed = true }
    }

    /// Returns the next piece of a list, as whole lines of at most `limit` bytes, and advances the list.
    public func produce(_ list: inout UserList, limit: Int) -> [UInt8] {
        // Formatted without the lock.
        let names = state.withLock { $0.chat.names(of: &list, limit: limit) }
        return Reply.users(names).bytes
    }

    public func reply(_ lines: [UInt8], to connection: ConnectionID) {
        decide(on: connection.loop) { $0.outlets.reply(lines, to: connection, in: nil) }
    }

    public func reply(_ lines: [UInt8], to user: UserID) {
        decide(for: user) { state, user in
            state.outlets.reply(lines, to: user.connection, in: user.room)
        }
    }

    public func login(_ name: Username, for speaker: Speaker, isVerified: Bool, at now: Nanoseconds) -> UserID? {
        decide(on: speaker.connection.loop) { state in
            let user = state.chat.apply(
                .login(name, speaker.connection, isVerified: isVerified), into: &state.outlets)
            if user != nil { state.addresses.take(Self.cost(ofEntering: name), from: speaker.group, at: now) }
            return user
        } ?? nil
    }

    /// The tokens that the INFO lines of a LOGIN take from the buckets for typed text, in bytes.
    static func cost(ofEntering name: Username) -> Int {
        SpeechRates.lineOverhead + Reply.joined(name).bytes.count
    }

    public func logout(_ user: UserID, lastLine: [UInt8]) {
        decide(for: user) { state, _ in
            state.chat.apply(.leave(user, lastLine: lastLine), into: &state.outlets)
        }
    }

    public func say(_ text: Span<UInt8>, from user: UserID, _ speaker: Speaker, at now: Nanoseconds) -> Saying {
        decide(for: user) { state, sender in
            let room = sender.room
            let length = ChatLine.message(sender.name, text).count
            let refill = max(speaker.refill, state.addresses.refillInstant(of: speaker.group))
            let isTyped = refill <= now
            if isTyped {
                state.addresses.take(SpeechRates.lineOverhead + length, from: speaker.group, at: now)
            } else if !state.outlets.admitsBulk(length, in: room, from: speaker.connection.loop) {
                return .waits(until: refill, collection: nil)
            }
            state.chat.apply(.message(user, text), into: &state.outlets)
            return .said(bytes: length, receivers: state.chat.memberCount(of: room), isTyped: isTyped)
        } ?? .ignored
    }

    public func direct(
        _ text: Span<UInt8>, to receiver: Username, from user: UserID, _ speaker: Speaker, awaited: Int?
    ) -> Saying {
        decide(for: user) { state, sender in
            guard let id = state.chat.userID(of: receiver), let target = state.chat.user(id) else {
                state.outlets.reply(Reply.error(.userNotFound).bytes, to: sender.connection, in: sender.room)
                return .ignored
            }
            let length = ChatLine.direct(sender.name, text).count
            let account = DirectSender(group: speaker.group, size: length + DirectMessageAccount.overhead)
            switch state.outlets.admitDirect(
                to: target.connection, account, from: sender.connection.loop, awaited: awaited)
            {
            case .accepted:
                state.chat.apply(.direct(user, text, to: id, account), into: &state.outlets)
            case .rejected:
                state.outlets.reply(Reply.error(.notDelivered).bytes, to: sender.connection, in: sender.room)
            case .waits(let collection): return .waits(until: .max, collection: collection)
            }
            return .said(bytes: length, receivers: 1, isTyped: false)
        } ?? .ignored
    }

    public func list(for user: UserID) -> (bytes: Int, isFinished: Bool) {
        let begun = decide(for: user) { state, user in
            let position = state.outlets.end(of: user.room)
            var list = state.chat.list(of: user.room)
            // The first piece is made now, because the next line of the same client may end its session: it still lists its
            // user.
            let names = state.chat.names(of: &list, limit: PendingLimits.listPiece)
            state.outlets.add(.users(names), to: user.connection, at: position)
            if !list.isFinished { state.outlets.add(.list(list), to: user.connection, at: position) }
            return (names: names, isFinished: list.isFinished)
        }
        guard let begun else { return (0, true) }
        return (begun.names.reduce(0) { $0 + Reply.size(ofUser: $1) }, begun.isFinished)
    }

    /// Makes a decision for a user, unless the user has left. The user's loop may not know that yet.
    @discardableResult
    private func decide<Result>(for id: UserID, _ decision: (inout State, User) -> Result) -> Result? {
        decide { state in
            guard let user = state.chat.user(id) else { return nil }
            state.outlets.decider = user.connection.loop
            return decision(&state, user)
        } ?? nil
    }

    @discardableResult
    private func decide<Result>(on loop: Int, _ decision: (inout State) -> Result) -> Result? {
        decide { state in
            state.outlets.decider = loop
            return decision(&state)
        }
    }

    private func decide<Result>(_ decision: (inout State) -> Result) -> Result? {
        state.withLock { $0.outlets.isClosed ? nil : decision(&$0) }
    }
}

extension Saying {
    /// The sender is not a user any more, or was told why not.
    fileprivate static var ignored: Self { .said(bytes: 0, receivers: 0, isTyped: false) }
}
