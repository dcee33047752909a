/// The variables of a `.env` file, as shells and other tools read one: `NAME=VALUE` lines, a value in quotes or not,
/// `export` before the name or not, a comment after white space and `#`. Lines of any other form are not ours.
struct EnvironmentFile {
    private(set) var variables: [String: String] = [:]

    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = parts[0].split(whereSeparator: \.isWhitespace).last,
                !parts[0].contains("#")
            else { continue }
            variables[String(name)] = String(Self.value(parts[1]))
        }
    }

    /// Returns the text in quotes or, without quotes, the text before a comment.
    private static func value(_ text: Substring) -> Substring {
        if let quoted = text.prefixMatch(of: /\s*(["'])(.*?)\1/) { return quoted.2 }
        let value = text[..<(text.firstRange(of: /\s#/)?.lowerBound ?? text.endIndex)].drop(while: \.isWhitespace)
        return value.lastIndex { !$0.isWhitespace }.map { value[...$0] } ?? ""
    }
}
