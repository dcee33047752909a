import Configuration
import SystemPackage
import Yams

/// A configuration file: its values, and each key's line, so that a key which nobody reads is an error with a place.
struct YAMLFile {
    let snapshot: any ConfigSnapshot
    private(set) var keys: [(key: String, line: Int?)] = []

    init(path: String) throws(ConfigurationError) {
        func error(_ problem: String) -> ConfigurationError {
            ConfigurationError(source: path, key: nil, problem: problem)
        }
        let bytes: [UInt8]
        do {
            bytes = try Self.read(path)
        } catch let failure {
            throw error("cannot be read: \(failure)")
        }
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

    private static func read(_ path: String) throws -> [UInt8] {
        let file = try FileDescriptor.open(FilePath(path), .readOnly)
        return try file.closeAfter {
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
                guard count > 0 else { return bytes }
                bytes += chunk.prefix(count)
            }
        }
    }

    private mutating func collectKeys(of mapping: Node.Mapping, below prefix: String) {
        for (key, value) in mapping {
            let name = prefix + (key.string ?? "")
            if let nested = value.mapping {
                collectKeys(of: nested, below: name + ".")
            } else {
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
        case .duplicatedKeysInMapping(let duplicates, let context):
            "line \(context.mark.line): key given twice: \(duplicates.joined(separator: ", "))"
        default: "\(self)".split(separator: "\n").joined(separator: " ")
        }
    }
}
