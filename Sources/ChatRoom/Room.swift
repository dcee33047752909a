public import ChatProtocol
import Locking

/// The one authority for names and order.
///
/// Every call is safe on any thread and decides under one lock, which is held for a look-up or an append and never for
/// I/O: what a call decides waits in a ``Dispatch`` for each event loop until that loop collects it. Whoever calls wakes
/// the other loops. A closed room decides nothing more.
public final class Room: Sendable {
    private struct State {
        var roster = Roster()
        var dispatches: [Dispatch]
        var isClosed = false

        /// Has `write` append whole lines to what everybody gets, once for each event loop.
        mutating func announce(_ write: (inout Dispatch) -> Void) {
            for loop in dispatches.indices { write(&dispatches[loop]) }
        }

        /// Has `write` append whole lines for one connection.
        mutating func reply(to connection: ConnectionID, _ write: (inout [UInt8]) -> Void) {
            dispatches[connection.loop].reply(to: connection.number, write)
        }

        mutating func expel(_ member: Membership) {
            remove(member)
            let line = Reply.error(.usernameReclaimed).bytes
            dispatches[member.connection.loop].expel(member.connection.number, line)
            let disconnected = Reply.disconnected(member.name).bytes
            announce { $0.announce(disconnected) }
        }

        mutating func remove(_ member: Membership) {
            roster.remove(member.name.key)
            member.end()
        }
    }

    /// In Unicode scalars.
    let maximumNameLength: Int
    private let maximumUsers: Int
    private let state: LockedValue<State>

    /// A room for so many users, who are served by `loops` event loops, 1 to ``LoopSet/capacity``.
    public init(loops: Int, maximumUsers: Int = .max, maximumNameLength: Int = Username.maximumLength) {
        precondition((1...LoopSet.capacity).contains(loops))
        self.maximumUsers = maximumUsers
        self.maximumNameLength = maximumNameLength
        state = LockedValue(State(dispatches: Array(repeating: Dispatch(), count: loops)))
    }

    /// Swaps what was decided for an event loop since the last call with `dispatch`, which must have been reset.
    /// Returns what still waits for the others.
    public func collect(for loop: Int, into dispatch: inout Dispatch) -> Backlog {
        state.withLock { state in
            swap(&state.dispatches[loop], &dispatch)
            var backlog = Backlog()
            for loop in state.dispatches.indices where !state.dispatches[loop].isEmpty {
                backlog.loops.insert(loop)
                backlog.largest = max(backlog.largest, state.dispatches[loop].size)
            }
            return backlog
        }
    }

    /// Decides that this is the end: everybody is told, and nothing more is decided.
    public func close() {
        decide { state in
            let line = Reply.shuttingDown.bytes
            state.announce {
                $0.announce(line)
                $0.close()
            }
            state.isClosed = true
        }
    }

    /// Sends whole lines to one connection, behind everything that was decided for it before.
    func reply(_ lines: [UInt8], to connection: ConnectionID) {
        decide { $0.reply(to: connection) { $0 += lines } }
    }

    /// Sends whole lines to a user, behind everything that was decided for it before.
    func reply(_ lines: [UInt8], to member: Membership) {
        decide(for: member) { $0.reply(to: member.connection) { $0 += lines } }
    }

    /// Takes the name, tells the others and then answers `OK`, or says that somebody else has it. A verified user takes it
    /// back from one who is not.
    func login(_ name: Username, for connection: ConnectionID, isVerified: Bool) -> Membership? {
        let newcomer = Membership(name, of: connection, isVerified: isVerified)
        let joined = Reply.joined(name).bytes
        return decide { state in
            if let holder = state.roster.member(name.key), isVerified, !holder.isVerified {
                state.expel(holder)
            }
            if let objection = objection(to: newcomer, state.roster) {
                state.reply(to: connection) { $0 += Reply.error(objection).bytes }
                return nil
            }
            state.roster.add(newcomer)
            state.announce { $0.announce(joined) }
            state.dispatches[connection.loop].join(connection.number)
            state.reply(to: connection) { $0 += Reply.ok.bytes }
            return newcomer
        } ?? nil
    }

    private func objection(to newcomer: Membership, _ roster: Roster) -> ProtocolError? {
        if roster.member(newcomer.name.key) != nil { return .usernameTaken }
        return roster.count < maximumUsers ? nil : .tooManyUsers
    }

    /// Frees the name and tells the others, and the user itself a last line, if there is one.
    func logout(_ member: Membership, lastLine: [UInt8] = []) {
        let disconnected = Reply.disconnected(member.name).bytes
        decide(for: member) { state in
            state.remove(member)
            state.dispatches[member.connection.loop].leave(member.connection.number)
            state.announce { $0.announce(disconnected) }
            if !lastLine.isEmpty { state.reply(to: member.connection) { $0 += lastLine } }
        }
    }

    /// Sends a line to everybody.
    func announce(_ prefix: [UInt8], _ text: Span<UInt8>, from sender: Membership) {
        decide(for: sender) { state in
            state.announce { $0.announce(prefix, text) }
        }
    }

    /// Sends a line to the user with this name, or tells the sender that there is none.
    func direct(_ prefix: [UInt8], _ text: Span<UInt8>, to name: Username, from sender: Membership) {
        decide(for: sender) { state in
            guard let receiver = state.roster.member(name.key) else {
                state.reply(to: sender.connection) { $0 += Reply.error(.userNotFound).bytes }
                return
            }
            state.reply(to: receiver.connection) { $0.appendLine(prefix, text) }
        }
    }

    /// Answers with a line for each user. Returns the answer's length in bytes: it can be many times the question's.
    func who(for member: Membership) -> Int {
        decide(for: member) { state in
            let members = state.roster.members
            var length = 0
            state.reply(to: member.connection) { replies in
                let start = replies.count
                for member in members { replies += Reply.user(member.name).bytes }
                length = replies.count - start
            }
            return length
        } ?? 0
    }

    /// Decides nothing for a user whose stay is over, who may not know it yet.
    @discardableResult
    private func decide<Result>(for member: Membership, _ decision: (inout State) -> Result) -> Result? {
        decide { member.isOver ? nil : decision(&$0) } ?? nil
    }

    @discardableResult
    private func decide<Result>(_ decision: (inout State) -> Result) -> Result? {
        state.withLock { $0.isClosed ? nil : decision(&$0) }
    }
}
