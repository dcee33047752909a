import ChatTransport
import FoundationEssentials

extension TLSMaterial.File {
    /// Throws Foundation's error, which names the file.
    init(reading path: String) throws {
        self.init(path: path, bytes: Array(try Data(contentsOf: URL(filePath: path))))
    }
}
