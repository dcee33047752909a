/// A setting in force, and where it comes from.
public struct EffectiveSetting: Equatable, Sendable, CustomStringConvertible {
    /// As a file spells it: `limits.room-log`.
    public let key: String
    /// As an operator writes them; more than one only where a key takes several.
    public let values: [String]
    /// `nil`: the default.
    public let source: String?

    /// A line of a configuration file, with the source as its comment.
    public var description: String {
        // Swift quotes and escapes as YAML does, except for control characters that are no white space.
        let quoted = values.map(\.debugDescription)
        let value = quoted.count == 1 ? quoted[0] : "[\(quoted.joined(separator: ", "))]"
        return "\(key): \(value)  # \(source ?? "default")"
    }
}
