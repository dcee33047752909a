import Configuration

/// One of the places in which an operator sets keys.
///
/// A key is a path of names, which each source spells in its own way: `tls.private-key` is `CHAT_TLS_PRIVATE_KEY` in the
/// environment, and `--tls-private-key` on the command line.
public struct ConfigurationSource: Sendable {
    private enum Spelling {
        case flag, variable, file
    }

    /// For people: `command line`, `environment`, or a file's path.
    let name: String
    private let snapshot: any ConfigSnapshot
    private let spelling: Spelling
    /// The keys that a file sets, and where; of other sources only what is asked for is known.
    let keys: [(key: String, line: Int?)]

    private init(
        name: String, _ spelling: Spelling, snapshot: any ConfigSnapshot, keys: [(key: String, line: Int?)] = []
    ) {
        self.name = name
        self.snapshot = snapshot
        self.spelling = spelling
        self.keys = keys
    }

    /// Flags of the command line, by their names without dashes; a list may have been given several times.
    public static func flags(_ values: [String: String], lists: [String: [String]]) -> Self {
        let contents = values.mapValues(ConfigContent.string).merging(lists.mapValues(ConfigContent.stringArray)) { $1 }
        let keys = contents.map { (AbsoluteConfigKey([$0]), ConfigValue($1, isSecret: false)) }
        let provider = InMemoryProvider(values: Dictionary(uniqueKeysWithValues: keys))
        return Self(name: "command line", .flag, snapshot: provider.snapshot())
    }

    /// Environment variables: `CHAT_…`, and `PORT`, which the original server reads. An empty one counts as not set, as
    /// in a shell's `${PORT:-4000}`.
    public static func environment(_ variables: [String: String]) -> Self {
        environment(variables, name: "environment")
    }

    /// A file of environment variables, which need not exist.
    public static func environmentFile(_ path: String) throws(ConfigurationError) -> Self {
        let bytes = try TextFile.read(path, mayBeMissing: true)
        return environment(EnvironmentFile(String(decoding: bytes, as: UTF8.self)).variables, name: path)
    }

    private static func environment(_ variables: [String: String], name: String) -> Self {
        let provider = EnvironmentVariablesProvider(environmentVariables: variables.filter { !$0.value.isEmpty })
        return Self(name: name, .variable, snapshot: provider.snapshot())
    }

    /// A YAML file.
    public static func file(_ path: String) throws(ConfigurationError) -> Self {
        let file = try YAMLFile(path: path)
        return Self(name: path, .file, snapshot: file.snapshot, keys: file.keys)
    }

    /// Returns the texts of a key, one unless it takes several; `nil` if the source does not set it.
    func texts(_ key: String, several: Bool = false) throws(ConfigurationError) -> (texts: [String], key: String)? {
        try texts(at: path(key), several: several)
    }

    /// What an environment sets for a variable by its very name.
    func variable(_ name: String) throws(ConfigurationError) -> (text: String, key: String)? {
        guard spelling == .variable, let (texts, spelled) = try texts(at: [name], several: false) else { return nil }
        return texts.first.map { ($0, spelled) }
    }

    private func path(_ key: String) -> [String] {
        let names = key.split(separator: ".").map(String.init)
        return switch spelling {
        case .flag: [names.joined(separator: "-")]
        case .variable: ["chat"] + names
        case .file: names
        }
    }

    private func texts(
        at path: [String], several: Bool
    ) throws(ConfigurationError) -> (texts: [String], key: String)? {
        let types: [ConfigType] = several ? [.stringArray, .string] : [.string]
        for type in types {
            guard let result = try? snapshot.value(forKey: AbsoluteConfigKey(path), type: type) else { continue }
            let spelled = (spelling == .flag ? "--" : "") + result.encodedKey
            return switch result.value?.content {
            case .string(let text)?: ([text], spelled)
            case .stringArray(let texts)?: (texts, spelled)
            default: nil
            }
        }
        throw ConfigurationError(source: name, key: path.joined(separator: "."), problem: "takes a single value")
    }
}
