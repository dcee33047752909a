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
        let bytes = try TextFile.read(path, mayBeMissing: true) ?? []
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

    /// What the source sets for a key, as text; `nil` where it is silent.
    func value(_ key: String) throws(ConfigurationError) -> (value: String, key: String)? {
        guard let (content, spelled) = try content(at: path(key), .string), case .string(let value) = content else {
            return nil
        }
        return (value, spelled)
    }

    /// What the source sets for a key of which there may be several; `nil` where it is silent.
    func values(_ key: String) throws(ConfigurationError) -> (values: [String], key: String)? {
        switch try content(at: path(key), .stringArray, .string) {
        case (.stringArray(let values), let spelled)?: (values, spelled)
        case (.string(let value), let spelled)?: ([value], spelled)
        default: nil
        }
    }

    /// What an environment sets for a variable by its very name.
    func variable(_ name: String) throws(ConfigurationError) -> (value: String, key: String)? {
        guard spelling == .variable, case (.string(let value), let spelled)? = try content(at: [name], .string) else {
            return nil
        }
        return (value, spelled)
    }

    private func path(_ key: String) -> [String] {
        let names = key.split(separator: ".").map(String.init)
        return switch spelling {
        case .flag: [names.joined(separator: "-")]
        case .variable: ["chat"] + names
        case .file: names
        }
    }

    /// The content in the first of the types that it has.
    private func content(
        at path: [String], _ types: ConfigType...
    ) throws(ConfigurationError) -> (ConfigContent, key: String)? {
        let key = AbsoluteConfigKey(path)
        for type in types {
            guard let result = try? snapshot.value(forKey: key, type: type) else { continue }
            return result.value.map { ($0.content, (spelling == .flag ? "--" : "") + result.encodedKey) }
        }
        throw ConfigurationError(source: name, key: path.joined(separator: "."), problem: "takes a single value")
    }
}
