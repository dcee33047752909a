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
        let quoted = values.map { "\"\($0.unicodeScalars.map(Self.escaped).joined())\"" }
        let value = quoted.count == 1 ? quoted[0] : "[\(quoted.joined(separator: ", "))]"
        return "\(key): \(value)  # \(source ?? "default")"
    }

    /// As in a double-quoted scalar. Source: YAML 1.2.2, section 5.7.
    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar.value {
        case 0x22, 0x5C: "\\\(scalar)"
        case 0..<0x10: "\\x0\(String(scalar.value, radix: 16))"
        case 0x10..<0x20, 0x7F..<0xA0: "\\x\(String(scalar.value, radix: 16))"
        default: "\(scalar)"
        }
    }
}
