import ChatTransport
import Foundation

/// Two development certificates, each of an authority of its own, and the files from which the server has one of them.
struct Certificates {
    /// One of the two.
    struct Issue {
        fileprivate let certificate: Data
        fileprivate let privateKey: Data
        /// Trusts this one, and not the other.
        let security: TLSClientContext
    }

    let issues: [Issue]
    /// Trusts both.
    let security: TLSClientContext

    private let folder: URL

    /// Makes them with the script, a copy of which runs in folders of its own.
    init(in folder: URL, script: URL) throws {
        self.folder = folder
        var authorities = Data()
        issues = try ["first", "second"].map { name in
            let home = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
            let copy = home.appendingPathComponent(script.lastPathComponent)
            try FileManager.default.copyItem(at: script, to: copy)
            try Self.run(copy)
            let authority = home.appendingPathComponent("ca.pem")
            authorities += try Data(contentsOf: authority)
            return Issue(
                certificate: try Data(contentsOf: home.appendingPathComponent("server.pem")),
                privateKey: try Data(contentsOf: home.appendingPathComponent("server-key.pem")),
                security: try TLSClientContext(
                    trusting: .init(path: authority.path, bytes: Array(Data(contentsOf: authority)))))
        }
        security = try TLSClientContext(trusting: .init(path: "both authorities", bytes: Array(authorities)))
        try install(issues[0])
    }

    private static func run(_ script: URL) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [script.path]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw SoakFailure("\(script.path) has failed") }
    }

    var serverArguments: [String] { ["--tls-certificate", certificate.path, "--tls-private-key", privateKey.path] }

    private var certificate: URL { folder.appendingPathComponent("server.pem") }
    private var privateKey: URL { folder.appendingPathComponent("server-key.pem") }

    /// Has the server's files hold one of them. The server looks only when it is told to, or now and then.
    func install(_ issue: Issue) throws {
        try issue.privateKey.write(to: privateKey, options: .atomic)
        try issue.certificate.write(to: certificate, options: .atomic)
    }

    /// Has the server's files hold what is no certificate.
    func installGarbage() throws {
        try Data("no certificate".utf8).write(to: certificate, options: .atomic)
    }
}

/// Why there can be no soak.
struct SoakFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
