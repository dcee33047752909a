import Configuration
import Yams

/// A configuration file: its values, and each key's line, so that a key which nobody reads is an error with a place.
struct YAMLFile {
    let snapshot: any ConfigSnapshot
    private(set) var keys: [(key: String, line: Int?)] = []

    init(path: String) throws(ConfigurationError) {
        func error(_ problem: String) -> ConfigurationError {
            ConfigurationError(source: path, key: nil, problem: problem)
        }
        let bytes = try TextFile.read(path)
        do {
            guard let root = try Yams.compose(yaml: String(decoding: bytes, as: UTF8.self)) else {
                // An empty file, or one of comments only.
                snapshot = InMemoryProvider(values: [:]).snapshot()
                return
            }
            guard let mapping = root.mapping else { throw error("is not a list of keys and values") }
            snapshot = try YAMLSnapshot(data: bytes.span.bytes, providerName: path, parsingOptions: .default)
            collectKeys(of: mapping, below: "")
        } catch let failure as ConfigurationError {
            throw failure
        } catch let failure as YamlError {
            throw error(failure.problem)
        } catch let failure {
            throw error("\(failure)")
        }
    }

    private mutating func collectKeys(of mapping: Node.Mapping, below prefix: String) {
        for (key, value) in mapping {
            let name = prefix + (key.string ?? "")
            if let nested = value.mapping {
                collectKeys(of: nested, below: name + ".")
            } else if value.tag.description != Tag.Name.null.rawValue {
                // Not `limits:` with everything below it commented out.
                keys.append((name, key.mark?.line))
            }
        }
    }
}

extension YamlError {
    /// On one line: an operator's terminal shows where the file stands anyway.
    fileprivate var problem: String {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line): \(problem)"
        case .duplicatedKeysInMapping(let duplicates, _):
            "key given twice: \(duplicates.joined(separator: ", "))"
        default: "\(self)".split(separator: "\n").joined(separator: " ")
        }
    }
}
