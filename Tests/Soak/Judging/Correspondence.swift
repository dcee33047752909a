/// The direct messages of users who know each other: numbered for each pair, in order, none lost.
///
/// A message to somebody who is about to leave may arrive or not. Pure.
final class Correspondence {
    private struct Pair: Hashable {
        let sender: String
        let receiver: String
    }

    private struct State {
        var sent = 0
        var received = 0
        /// The first and the last that were sent while the receiver was certainly there, since it last came.
        var certain: ClosedRange<Int>?
    }

    /// How many have arrived.
    private(set) var delivered = 0

    private let violations: Violations
    private var states: [Pair: State] = [:]
    /// Who is certainly there, and a number of its own for each stay.
    private var stays: [String: Int] = [:]
    private var entries = 0

    init(_ violations: Violations) {
        self.violations = violations
    }

    /// A user is in the room, and reads.
    func enter(_ name: String) {
        entries += 1
        stays[name] = entries
    }

    /// A user is about to leave, and may miss what is sent from here on.
    func leave(_ name: String) {
        stays[name] = nil
        for pair in states.keys where pair.receiver == name { states[pair]?.certain = nil }
    }

    /// Tells one stay of a user from another; `nil` where it is not certain that the user is there.
    func stay(of name: String) -> Int? { stays[name] }

    /// The number of the next message from one to another.
    func send(from sender: String, to receiver: String) -> Int {
        let pair = Pair(sender: sender, receiver: receiver)
        var state = states[pair] ?? State()
        state.sent += 1
        if stays[receiver] != nil { state.certain = (state.certain?.lowerBound ?? state.sent)...state.sent }
        states[pair] = state
        return state.sent
    }

    func receive(_ text: String, from sender: String, by receiver: String) {
        let pair = Pair(sender: sender, receiver: receiver)
        guard let message = NumberedText(text), var state = states[pair], message.number <= state.sent else {
            return violations.note(.unexpected, "\(receiver) got “DM \(sender) \(text)”")
        }
        guard message.number > state.received else {
            return violations.note(.duplicated, "\(receiver) got DM \(message.number) of \(sender) again, or late")
        }
        noteGap(before: message.number, in: state, pair)
        state.received = message.number
        states[pair] = state
        delivered += 1
    }

    /// Everything that was sent has had the time to arrive.
    func close() {
        for (pair, state) in states { noteGap(before: state.sent + 1, in: state, pair) }
    }

    private func noteGap(before number: Int, in state: State, _ pair: Pair) {
        guard let certain = state.certain else { return }
        let missing = max(state.received + 1, certain.lowerBound)..<max(number, state.received + 1, certain.lowerBound)
        guard !missing.isEmpty else { return }
        violations.note(
            .lost, count: missing.count, "\(pair.receiver) has not got DM \(missing.lowerBound) of \(pair.sender)")
    }
}
