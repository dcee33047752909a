import ChatProtocol

/// A configuration that the server does not start with: where it stands, and what is wrong with it.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// `command line`, `environment`, or a file's path.
    public let source: String
    /// As that source spells it; `nil` where the source as a whole is at fault.
    public let key: String?
    /// For people.
    public let problem: String

    /// One line, whatever stands in the configuration.
    public var description: String {
        TerminalSafety.sanitised([source, key, problem].compactMap { $0 }.joined(separator: ": "))
    }
}
