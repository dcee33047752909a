/// Reads settings from sources in the order of their precedence, and remembers what came from where.
struct SettingReader {
    private let sources: [ConfigurationSource]
    private(set) var settings: [EffectiveSetting] = []
    /// Who has set a key, and how it is spelled there.
    private var origins: [String: (source: String, key: String)] = [:]

    init(_ sources: [ConfigurationSource]) {
        self.sources = sources
    }

    /// Reads a key that takes one value. `value` holds the default.
    mutating func read<Value>(
        _ key: String, _ format: SettingFormat<Value>, into value: inout Value
    ) throws(ConfigurationError) {
        if let set = try values(key, format, several: false, default: [value]).first { value = set }
    }

    /// Reads a key that takes any number of values. `values` holds the default, and `source` says where that comes from.
    mutating func read<Value>(
        _ key: String, each format: SettingFormat<Value>, into values: inout [Value], defaultFrom source: String? = nil
    ) throws(ConfigurationError) {
        values = try self.values(key, format, several: true, default: values, from: source)
    }

    /// Reads an environment variable by its very name, unless a source sets `key`. Returns its source for people, too.
    func variable<Value>(
        _ name: String, _ format: SettingFormat<Value>, insteadOf key: String
    ) throws(ConfigurationError) -> (value: Value, source: String)? {
        guard try texts(key, several: true) == nil else { return nil }
        for source in sources {
            guard let (text, spelled) = try source.variable(name) else { continue }
            return (try parse(text, format, source, spelled), "\(source.name): \(spelled)")
        }
        return nil
    }

    /// An error in what a key is set to, in the light of other keys.
    func error(_ key: String, _ problem: String) -> ConfigurationError {
        let origin = origins[key] ?? ("configuration", key)
        return ConfigurationError(source: origin.source, key: origin.key, problem: problem)
    }

    /// Throws for a key that any source sets and that was replaced by another.
    func rejectReplacedKeys(_ replacements: [String: String]) throws(ConfigurationError) {
        for (key, replacement) in replacements.sorted(by: { $0.key < $1.key }) {
            for source in sources {
                guard let (_, spelled) = try source.texts(key) else { continue }
                throw ConfigurationError(source: source.name, key: spelled, problem: "was replaced by \(replacement)")
            }
        }
    }

    /// Throws for a key in a file that no setting was read from: a slip of the pen, or of another version.
    func rejectUnknownKeys() throws(ConfigurationError) {
        let known = Set(settings.map(\.key))
        for source in sources {
            guard let unknown = source.keys.first(where: { !known.contains($0.key) }) else { continue }
            let place = unknown.line.map { "line \($0): " } ?? ""
            let isSection = known.contains { $0.hasPrefix("\(unknown.key).") }
            throw ConfigurationError(
                source: source.name, key: "\(place)\(unknown.key)",
                problem: isSection ? "has keys below it, and no value of its own" : "unknown key")
        }
    }

    private mutating func values<Value>(
        _ key: String, _ format: SettingFormat<Value>, several: Bool, default: [Value],
        from defaultSource: String? = nil
    ) throws(ConfigurationError) -> [Value] {
        guard let (texts, source, spelled) = try texts(key, several: several) else {
            settings.append(EffectiveSetting(key: key, values: `default`.map(format.text), source: defaultSource))
            return `default`
        }
        settings.append(EffectiveSetting(key: key, values: texts, source: source.name))
        origins[key] = (source.name, spelled)
        return try texts.map { text throws(ConfigurationError) in try parse(text, format, source, spelled) }
    }

    private func texts(
        _ key: String, several: Bool
    ) throws(ConfigurationError) -> (texts: [String], source: ConfigurationSource, key: String)? {
        for source in sources {
            if let (texts, spelled) = try source.texts(key, several: several) { return (texts, source, spelled) }
        }
        return nil
    }

    private func parse<Value>(
        _ text: String, _ format: SettingFormat<Value>, _ source: ConfigurationSource, _ key: String
    ) throws(ConfigurationError) -> Value {
        guard let value = format.parse(text) else {
            throw ConfigurationError(source: source.name, key: key, problem: "'\(text)' is not \(format.expected)")
        }
        return value
    }
}
