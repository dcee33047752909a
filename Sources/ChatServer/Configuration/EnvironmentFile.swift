/// The variables of a `.env` file, as shells and other tools read one: `NAME=VALUE` lines, a value in quotes or not,
/// `export` before the name or not, a comment behind ` #`. Lines of any other form are not ours.
struct EnvironmentFile {
    private(set) var variables: [String: String] = [:]

    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = parts[0].split(whereSeparator: \.isWhitespace).last,
                !parts[0].contains("#")
            else { continue }
            variables[String(name)] = Self.value(parts[1].drop(while: \.isWhitespace))
        }
    }

    private static func value(_ text: Substring) -> String {
        if let quote = text.first, quote == "\"" || quote == "'", let end = text.dropFirst().firstIndex(of: quote) {
            return String(text.dropFirst()[..<end])
        }
        let words = text.split(separator: " #", maxSplits: 1, omittingEmptySubsequences: false)
        let value = words.first ?? ""
        return value.lastIndex { !$0.isWhitespace }.map { String(value[...$0]) } ?? ""
    }
}
