import DequeModule

/// What one user has said since its LOGIN, and whether it gets what that leads to: each reply once, whole, in order, and
/// the public lines of all. Pure.
final class Participant {
    private enum Expectation {
        case ok
        case echo(Int)
        case pong
        case error(String)
        /// Nothing, or, unless the receiver has been there all the time, that there is no such user.
        case direct(to: String, stay: Int?)
        /// How many lines of it have come.
        case help(Int)
        /// Who was named so far.
        case who([String])
    }

    private static let tooLong = [UInt8](repeating: UInt8(ascii: "w"), count: 5_000)

    let name: String
    /// The ERR line behind which the server closes the connection, once it has come.
    private(set) var farewell: String?
    /// Those that may come.
    var mayBeTold: Set<String> = []
    /// How many lines have come.
    private(set) var lines = 0
    /// How many replies to commands have come, each as a whole.
    private(set) var replies = 0

    private let transcript: Transcript
    private let correspondence: Correspondence
    private let violations: Violations
    private var reader: Transcript.Reader?
    private var said = 0
    private var expectations: Deque<Expectation> = []
    /// Lines that came before it is known where in the transcript its login is.
    private var held: [[UInt8]] = []
    /// WHO's answer seemed complete with the last line.
    private var hasJustHeardWho = false
    /// The reply that is under way was split already.
    private var isSplit = false

    init(_ name: String, _ transcript: Transcript, _ correspondence: Correspondence, _ violations: Violations) {
        self.name = name
        self.transcript = transcript
        self.correspondence = correspondence
        self.violations = violations
    }

    /// Whether nothing is owed to it but public lines, and its login is known to all.
    var isAnswered: Bool {
        held.isEmpty && (reader == nil || reader?.place != nil)
            && expectations.allSatisfy {
                if case .direct = $0 { return true }
                return false
            }
    }

    /// Whether lines wait until it is known where in the transcript they belong.
    var isHolding: Bool { !held.isEmpty }

    /// Whether it was let in.
    private(set) var isIn = false

    /// How many replies it waits for.
    var owed: Int { expectations.count }

    /// Whether it has got all public lines that anybody has got.
    var isUpToDate: Bool { reader?.place == transcript.end }

    // MARK: What it says

    /// The bytes of a line. From here on the reply is expected.
    func say(_ utterance: Utterance) -> [UInt8] {
        Array(text(of: utterance).utf8) + [UInt8(ascii: "\n")]
    }

    private func text(of utterance: Utterance) -> String {
        switch utterance {
        case .login:
            let reader = transcript.addReader(name)
            reader.placed = { [weak self] in self?.receiveHeld() }
            self.reader = reader
            expectations.append(.ok)
            return "LOGIN \(name)"
        case .loginAs(let other):
            expectations.append(.error("username-taken"))
            return "LOGIN \(other)"
        case .message(let length):
            said += 1
            expectations.append(.echo(said))
            return "MSG \(NumberedText(number: said, length: length).text)"
        case .direct(let receiver):
            expectations.append(.direct(to: receiver, stay: correspondence.stay(of: receiver)))
            let number = correspondence.send(from: name, to: receiver)
            return "DM \(receiver) \(NumberedText(number: number).text)"
        case .who:
            expectations.append(.who([]))
            return "WHO"
        case .ping:
            expectations.append(.pong)
            return "PING"
        case .help:
            expectations.append(.help(0))
            return "HELP"
        case .nonsense:
            expectations.append(.error("unknown-command"))
            return "NONSENSE"
        case .endless:
            expectations.append(.error("line-too-long"))
            return String(decoding: Self.tooLong, as: UTF8.self)
        case .exit:
            correspondence.leave(name)
            return "EXIT"
        }
    }

    /// Bytes that are no line of a command's were said, and lead to this.
    func expectError(_ reason: String) {
        expectations.append(.error(reason))
    }

    /// Reads nothing any more: has left, or was ended.
    func leave() {
        correspondence.leave(name)
        if let reader { transcript.remove(reader) }
        held = []
    }

    /// The server ends: what was not answered will not be.
    func forgive() {
        expectations = []
    }

    /// It is the very first in the room.
    func isFirst() {
        if let reader { transcript.begin(with: reader) }
    }

    // MARK: What it gets

    /// A line without its LF.
    func receive(_ line: [UInt8]) {
        lines += 1
        guard farewell == nil else { return unexpected(line, "behind the last line") }
        if let reader, reader.place == nil, isIn || !held.isEmpty {
            held.append(line)
        } else {
            judge(line)
        }
    }

    private func receiveHeld() {
        let lines = held
        held = []
        for line in lines { judge(line) }
    }

    private func judge(_ line: [UInt8]) {
        let hasJustHeardWho = self.hasJustHeardWho
        self.hasJustHeardWho = false
        if let reader, let content = transcript.read(line, by: reader) {
            noteSplit(by: line)
            if case .message(name, let text) = content, let message = NumberedText(text) { takeEcho(message.number) }
            return
        }
        let content = ServerLine(line)
        switch content {
        case .direct(let sender, let text):
            noteSplit(by: line)
            correspondence.receive(text, from: sender, by: name)
        case .user(let user) where hasJustHeardWho && !expectsWho:
            violations.note(.ghost, "WHO told \(name) of \(user)")
        default:
            takeReply(content, line)
        }
    }

    private func takeEcho(_ number: Int) {
        dropDirects()
        guard case .echo(number)? = expectations.first else {
            let place = expectations.firstIndex { if case .echo(number) = $0 { true } else { false } }
            // Where it is not expected at all, the transcript says so.
            if let place {
                violations.note(.misordered, "\(name) got the echo of \(number) before an earlier reply")
                expectations.remove(at: place)
            }
            return
        }
        expectations.removeFirst()
        replies += 1
    }

    private func takeReply(_ content: ServerLine, _ line: [UInt8]) {
        if case .error("user-not-found") = content { return takeFailure(line) }
        if case .error(let reason) = content, mayBeTold.contains(reason) {
            farewell = reason
            expectations = []
            return
        }
        dropDirects()
        guard let place = expectations.firstIndex(where: { answers(content, $0) }) else {
            return unexpected(line, "which nothing asked for")
        }
        if place > 0 {
            violations.note(.lost, count: place, "\(name) got “\(text(line))” without \(place) earlier replies")
            expectations.removeFirst(place)
        }
        proceed(with: content)
    }

    /// Of the direct messages that were said since the last reply, the first that may fail has.
    private func takeFailure(_ line: [UInt8]) {
        while case .direct(let receiver, let stay)? = expectations.first {
            expectations.removeFirst()
            if stay == nil || stay != correspondence.stay(of: receiver) { return }
        }
        unexpected(line, "though the receiver is there")
    }

    private func answers(_ content: ServerLine, _ expectation: Expectation) -> Bool {
        switch (content, expectation) {
        case (.ok, .ok), (.pong, .pong), (.user, .who): true
        case (.error(let reason), .error(let expected)): reason == expected
        case (.help(let index), .help(let expected)): index == expected
        default: false
        }
    }

    private func proceed(with content: ServerLine) {
        switch (content, expectations.removeFirst()) {
        case (.help(let index), _) where index + 1 < ServerLine.helpLines.count:
            return expectations.prepend(.help(index + 1))
        case (.user(let user), .who(let others)):
            let names = others + [user]
            guard names.count >= reader?.roster.names.count ?? 0 else { return expectations.prepend(.who(names)) }
            judgeWho(names)
            hasJustHeardWho = true
        case (.ok, _):
            isIn = true
            correspondence.enter(name)
        default: break
        }
        isSplit = false
        replies += 1
    }

    private var expectsWho: Bool {
        for expectation in expectations {
            switch expectation {
            case .direct: continue
            case .who: return true
            default: return false
            }
        }
        return false
    }

    private func judgeWho(_ names: [String]) {
        guard let roster = reader?.roster.names, names != roster else { return }
        let (ghosts, missing) = (Set(names).subtracting(roster), Set(roster).subtracting(names))
        for ghost in ghosts.sorted() { violations.note(.ghost, "WHO told \(name) of \(ghost)") }
        for user in missing.sorted() { violations.note(.missingUser, "WHO did not tell \(name) of \(user)") }
        if ghosts.isEmpty, missing.isEmpty { violations.note(.misordered, "WHO told \(name) \(names), not \(roster)") }
    }

    /// A line that is not the reply's next has come.
    private func noteSplit(by line: [UInt8]) {
        switch expectations.first {
        case .help(let count)? where count > 0 && !isSplit: break
        case .who(let names)? where !names.isEmpty && !isSplit: break
        default: return
        }
        isSplit = true
        violations.note(.brokenReply, "\(name) got “\(text(line))” within a reply")
    }

    private func dropDirects() {
        while case .direct? = expectations.first { expectations.removeFirst() }
    }

    private func unexpected(_ line: [UInt8], _ why: String) {
        violations.note(.unexpected, "\(name) got “\(text(line).prefix(200))” \(why)")
    }

    private func text(_ line: [UInt8]) -> String { String(decoding: line, as: UTF8.self) }
}
