/// The variables of a `.env` file, as shells and other tools read one: `NAME=VALUE` lines, a value in quotes or not,
/// `export` before the name or not. Lines of any other form are not ours.
struct EnvironmentFile {
    private(set) var variables: [String: String] = [:]

    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = parts[0].split(whereSeparator: \.isWhitespace).last,
                !parts[0].contains("#")
            else { continue }
            variables[String(name)] = Self.unquoted(parts[1].trimmingWhitespace)
        }
    }

    private static func unquoted(_ value: Substring) -> String {
        guard value.count >= 2, let quote = value.first, quote == "\"" || quote == "'", value.last == quote else {
            return String(value)
        }
        return String(value.dropFirst().dropLast())
    }
}

extension Substring {
    fileprivate var trimmingWhitespace: Substring {
        let start = drop(while: \.isWhitespace)
        return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? ""
    }
}
