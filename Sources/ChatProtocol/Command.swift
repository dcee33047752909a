/// What a line asks for.
///
/// Arguments are ranges of the line that was parsed, so that parsing copies nothing.
/// Source: PROTOCOL.md, "Commands" and "The wrong protocol on a port".
public enum Command: Equatable, Sendable {
    case login(name: Range<Int>)
    case message(text: Range<Int>)
    case who
    case direct(name: Range<Int>, text: Range<Int>)
    case ping
    case help
    case exit
    /// A command without an argument that it needs.
    case incomplete(Usage)
    /// The request line of an HTTP request, or its Host header where the request line was too long for a line: a browser
    /// was led here, and the lines that follow are not its user's.
    case httpRequest
    /// Nothing but white space.
    case blank
    case unknown

    /// A command that takes arguments, as its usage line shows it.
    public enum Usage: String, Sendable {
        case login = "LOGIN <username>"
        case message = "MSG <text>"
        case direct = "DM <username> <text>"
    }

    /// Parses a line without its LF. Every line is one of the cases: nothing throws.
    public init(_ line: Span<UInt8>) {
        let content = line.trimmed(0..<line.count)
        guard !content.isEmpty else {
            self = .blank
            return
        }
        let (word, argument) = line.splitWord(content)
        switch line.extracting(word) {
        case let word where word.matches("MSG"):
            self = argument.isEmpty ? .incomplete(.message) : .message(text: argument)
        case let word where word.matches("DM"):
            let (name, text) = line.splitWord(argument)
            self = text.isEmpty ? .incomplete(.direct) : .direct(name: name, text: text)
        case let word where word.matches("WHO"): self = .who
        case let word where word.matches("PING"): self = .ping
        case let word where word.matches("LOGIN"):
            self = argument.isEmpty ? .incomplete(.login) : .login(name: argument)
        case let word where word.matches("HELP"): self = .help
        case let word where word.matches("EXIT") || word.matches("QUIT"): self = .exit
        case let word where word.matches("HOST:"): self = .httpRequest
        default: self = line.isHTTPRequest(target: argument) ? .httpRequest : .unknown
        }
    }
}

extension Span<UInt8> {
    fileprivate func isWhiteSpace(_ index: Int) -> Bool {
        self[index] == UInt8(ascii: " ") || self[index] == UInt8(ascii: "\t")
    }

    fileprivate func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (lower, upper) = (range.lowerBound, range.upperBound)
        while lower < upper, isWhiteSpace(lower) { lower += 1 }
        while lower < upper, isWhiteSpace(upper - 1) { upper -= 1 }
        return lower..<upper
    }

    /// The first word of a trimmed range, and the rest of it without the white space between.
    fileprivate func splitWord(_ range: Range<Int>) -> (word: Range<Int>, rest: Range<Int>) {
        var end = range.lowerBound
        while end < range.upperBound, !isWhiteSpace(end) { end += 1 }
        return (range.lowerBound..<end, trimmed(end..<range.upperBound))
    }

    /// Whether these bytes are `word` in any case. `word` is upper case ASCII.
    fileprivate func matches(_ word: StaticString) -> Bool {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        return equals(word) { letters.contains($0) ? $0 & ~0x20 : $0 }
    }

    /// Whether `target` is the rest of an HTTP request line behind its method: RFC 9112, section 3.
    fileprivate func isHTTPRequest(target: Range<Int>) -> Bool {
        let (path, version) = splitWord(target)
        guard !path.isEmpty, version.count == 8 else { return false }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return extracting(version.lowerBound..<version.lowerBound + 5).equals("HTTP/")
            && digits.contains(self[version.lowerBound + 5])
            && self[version.lowerBound + 6] == UInt8(ascii: ".")
            && digits.contains(self[version.lowerBound + 7])
    }

    private func equals(_ text: StaticString, by map: (UInt8) -> UInt8 = { $0 }) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { bytes in bytes.indices.allSatisfy { map(self[$0]) == bytes[$0] } }
    }
}
