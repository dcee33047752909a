/// Reads settings from sources in the order of their precedence, and remembers what came from where.
struct SettingReader {
    private let sources: [ConfigurationSource]
    private(set) var settings: [EffectiveSetting] = []

    init(_ sources: [ConfigurationSource]) {
        self.sources = sources
    }

    mutating func value<Value>(
        _ key: String, _ format: SettingFormat<Value>, default: Value
    ) throws(ConfigurationError) -> Value {
        for source in sources {
            guard let (text, spelled) = try source.value(key) else { continue }
            settings.append(EffectiveSetting(key: key, values: [text], source: source.name))
            return try parse(text, format, source, spelled)
        }
        settings.append(EffectiveSetting(key: key, values: [format.text(`default`)], source: nil))
        return `default`
    }

    /// The values of a key of which there may be several, and is at least one. Where no source sets it, those of an
    /// environment variable with a name of its own.
    mutating func values<Value, Substitute>(
        _ key: String, _ format: SettingFormat<Value>, default: [Value],
        substitute: (name: String, format: SettingFormat<Substitute>, values: (Substitute) -> [Value])
    ) throws(ConfigurationError) -> [Value] {
        for source in sources {
            guard let (texts, spelled) = try source.values(key) else { continue }
            settings.append(EffectiveSetting(key: key, values: texts, source: source.name))
            guard !texts.isEmpty else {
                throw ConfigurationError(source: source.name, key: spelled, problem: "is empty")
            }
            var values: [Value] = []
            for text in texts { values.append(try parse(text, format, source, spelled)) }
            return values
        }
        for source in sources {
            guard let (text, spelled) = try source.variable(substitute.name) else { continue }
            let values = substitute.values(try parse(text, substitute.format, source, spelled))
            settings.append(
                EffectiveSetting(key: key, values: values.map(format.text), source: "\(source.name): \(spelled)"))
            return values
        }
        settings.append(EffectiveSetting(key: key, values: `default`.map(format.text), source: nil))
        return `default`
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

    private func parse<Value>(
        _ text: String, _ format: SettingFormat<Value>, _ source: ConfigurationSource, _ key: String
    ) throws(ConfigurationError) -> Value {
        guard let value = format.parse(text) else {
            throw ConfigurationError(source: source.name, key: key, problem: "'\(text)' is not \(format.expected)")
        }
        return value
    }
}
