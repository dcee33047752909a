/// Reads settings from sources in the order of their precedence, and remembers what came from where.
struct SettingReader {
    private let sources: [ConfigurationSource]
    private(set) var settings: [EffectiveSetting] = []
    /// Who has set a key, and how it is spelled there.
    private var origins: [String: (source: String, key: String)] = [:]

    init(_ sources: [ConfigurationSource]) {
        self.sources = sources
    }

    mutating func value<Value>(
        _ key: String, _ format: SettingFormat<Value>, default: Value
    ) throws(ConfigurationError) -> Value {
        for source in sources {
            guard let (text, spelled) = try source.value(key) else { continue }
            note(key, [text], source, spelled)
            return try parse(text, format, source, spelled)
        }
        settings.append(EffectiveSetting(key: key, values: [format.text(`default`)], source: nil))
        return `default`
    }

    /// The values of a key of which there may be several, or none.
    mutating func values<Value>(
        _ key: String, _ format: SettingFormat<Value>, default: [Value]
    ) throws(ConfigurationError) -> [Value] {
        guard let (texts, source, spelled) = try texts(key) else {
            settings.append(EffectiveSetting(key: key, values: `default`.map(format.text), source: nil))
            return `default`
        }
        note(key, texts, source, spelled)
        var values: [Value] = []
        for text in texts { values.append(try parse(text, format, source, spelled)) }
        return values
    }

    /// The values of a key of which there is at least one. Where no source sets it, those of an environment variable with
    /// a name of its own.
    mutating func values<Value, Substitute>(
        _ key: String, _ format: SettingFormat<Value>, default: [Value],
        substitute: (name: String, format: SettingFormat<Substitute>, values: (Substitute) -> [Value])
    ) throws(ConfigurationError) -> [Value] {
        if try texts(key) == nil {
            for source in sources {
                guard let (text, spelled) = try source.variable(substitute.name) else { continue }
                let values = substitute.values(try parse(text, substitute.format, source, spelled))
                settings.append(
                    EffectiveSetting(key: key, values: values.map(format.text), source: "\(source.name): \(spelled)"))
                return values
            }
        }
        let values = try values(key, format, default: `default`)
        guard !values.isEmpty else { throw error(key, "is empty") }
        return values
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
                guard let (_, spelled) = try source.value(key) else { continue }
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

    private func texts(
        _ key: String
    ) throws(ConfigurationError) -> (texts: [String], source: ConfigurationSource, key: String)? {
        for source in sources {
            if let (texts, spelled) = try source.values(key) { return (texts, source, spelled) }
        }
        return nil
    }

    private mutating func note(_ key: String, _ texts: [String], _ source: ConfigurationSource, _ spelled: String) {
        settings.append(EffectiveSetting(key: key, values: texts, source: source.name))
        origins[key] = (source.name, spelled)
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
