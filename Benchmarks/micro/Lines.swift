import ChatProtocol

/// Lines as they come: decoded, found to be safe, and parsed.
enum Lines {
    private static let count = 200

    static func plain() -> Cost {
        decode("decode and sanitise a plain line", text: "MSG the quick brown fox jumps over the lazy dog")
    }

    static func unicode() -> Cost {
        decode("decode and sanitise a line with 10 umlauts", text: "MSG äöüäöüäöüä jumps over the lazy dog")
    }

    private static func decode(_ name: String, text: String) -> Cost {
        let chunk = Array(String(repeating: text + "\n", count: count).utf8)
        var decoder = LineDecoder()
        var messages = 0
        let cost = Cost(name, units: count, rounds: 500) {
            decoder.decode(chunk.span) { event in
                if case .line(let line) = event {
                    if TerminalSafety.isPlain(line) {
                        if case .message = Command(line) { messages += 1 }
                    } else if case .message = Command(TerminalSafety.sanitised(line).span) {
                        messages += 1
                    }
                }
                return .more
            }
        }
        precondition(messages == 2 * 500 * count, "Every line is a message")
        return cost
    }
}
