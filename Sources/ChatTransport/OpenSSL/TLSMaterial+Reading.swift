import FoundationEssentials

extension TLSMaterial.File {
    /// Reads a file that is there for good. Throws Foundation's error, which names it.
    package init(reading path: String) throws {
        self.init(path: path, bytes: Array(try Data(contentsOf: URL(filePath: path))))
    }
}
