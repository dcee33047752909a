import SystemPackage

/// A file that an operator has written.
enum TextFile {
    /// Returns its bytes, none if it does not exist and need not.
    static func read(_ path: String, mayBeMissing: Bool = false) throws(ConfigurationError) -> [UInt8] {
        do {
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
        } catch Errno.noSuchFileOrDirectory where mayBeMissing {
            return []
        } catch {
            throw ConfigurationError(source: path, key: nil, problem: "cannot be read: \(error)")
        }
    }
}
