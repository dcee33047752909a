import Foundation
import TestSupport
import Testing

/// What `certs/make-dev-certs.sh` makes, in a folder of a test's own.
final class DevelopmentCertificates {
    static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("certs/make-dev-certs.sh")

    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.copyItem(at: Self.script, to: folder.url.appendingPathComponent("make-dev-certs.sh"))
    }

    /// Runs the script with a shell, and returns how it ended.
    func make(_ arguments: String..., shell: [String] = ["/bin/sh"]) async throws -> TestProcess {
        let process = try TestProcess(
            URL(fileURLWithPath: shell[0]), shell.dropFirst() + [path("make-dev-certs.sh")] + arguments,
            environment: ["PATH": "/usr/bin:/bin"])
        process.finishSending()
        return process
    }

    func path(_ name: String) -> String { folder.url.appendingPathComponent(name).path }

    func contents(_ name: String) throws -> Data {
        try Data(contentsOf: folder.url.appendingPathComponent(name))
    }

    func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path(name))[.posixPermissions] as? Int
    }

    /// The flags with which a server presents them.
    var serverArguments: [String] {
        ["--tls-certificate", path("server.pem"), "--tls-private-key", path("server-key.pem")]
    }
}
