import TestSupport

/// Somebody who uses the chat as it is meant to be, and notices every broken promise.
struct HonestUser {
    /// What the honest users are to do. Confined to one thread.
    final class Mood {
        /// They say nothing.
        var isQuiet = false
        /// How often each has been told to ask who is there, also when quiet.
        var audits = 0
        /// How many answers they have got to that, all together.
        var audited = 0
    }

    private static let enter: [Step] = [.say([.login]), .answered, .say([.who]), .answered]

    private let name: String
    private let others: [String]
    /// Leaves now and then, and comes back at once.
    private let leaves: Bool
    private let mood: Mood
    private var random: SplitMix64
    private var next: [Step] = Self.enter
    private var untilAnswered = 5
    private var untilLeaving: Int
    private var audits = 0
    private var isAuditing = false

    static func script(_ name: String, among others: [String], leaves: Bool, _ mood: Mood, seed: UInt64) -> Script {
        var user = HonestUser(name, among: others, leaves: leaves, mood, seed: seed)
        return Script { user.nextStep() }
    }

    private init(_ name: String, among others: [String], leaves: Bool, _ mood: Mood, seed: UInt64) {
        self.name = name
        self.others = others.filter { $0 != name }
        self.leaves = leaves
        self.mood = mood
        random = SplitMix64(seed: seed)
        untilLeaving = Int.random(in: 10...40, using: &random)
    }

    private mutating func nextStep() -> Step {
        if next.isEmpty { next = plan() }
        return next.removeFirst()
    }

    private mutating func plan() -> [Step] {
        if isAuditing {
            isAuditing = false
            mood.audited += 1
        }
        if audits < mood.audits {
            audits += 1
            isAuditing = true
            return [.answered, .say([.who, .help]), .answered]
        }
        guard !mood.isQuiet else { return [.answered, .pause(.milliseconds(50))] }
        untilLeaving -= 1
        guard !leaves || untilLeaving > 0 else {
            untilLeaving = Int.random(in: 10...40, using: &random)
            return [.answered, .say([.exit]), .end(), .reconnect] + Self.enter
        }
        untilAnswered -= 1
        let saying: [Step] = [.say((0..<Int.random(in: 1...3, using: &random)).map { _ in utterance() })]
        guard untilAnswered == 0 else { return saying + [random.pause(200...900)] }
        untilAnswered = 5
        return saying + [.answered, random.pause(100...500)]
    }

    private mutating func utterance() -> Utterance {
        switch Int.random(in: 0..<20, using: &random) {
        case 0...2: .direct(to: others.randomElement(using: &random) ?? name)
        case 3...4: .who
        case 5: .ping
        case 6: .help
        case 7: .nonsense
        default: .message(length: .random(in: 0...120, using: &random))
        }
    }
}
