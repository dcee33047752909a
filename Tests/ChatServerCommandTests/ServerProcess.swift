import Foundation
import TestSupport
import Testing

/// The program as an operator runs it.
struct ServerProcess {
    /// Beside the tests' own bundle, where the build puts it.
    static let executable =
        Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }?
        .deletingLastPathComponent().appendingPathComponent("chat-server")
        ?? URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent(
            "chat-server")

    let process: TestProcess

    init(_ arguments: String..., environment: [String: String] = [:], directory: URL? = nil) throws {
        try self.init(arguments, environment: environment, directory: directory)
    }

    init(_ arguments: [String], environment: [String: String] = [:], directory: URL? = nil) throws {
        process = try TestProcess(
            Self.executable, arguments, environment: environment,
            directory: directory ?? FileManager.default.temporaryDirectory)
    }

    /// The port that the next line on standard output tells.
    func port() async throws -> UInt16 {
        let line = try #require(await process.outputReader.line())
        let prefix = "✅ Server running on port "
        try #require(line.hasPrefix(prefix))
        return try #require(line.dropFirst(prefix.count).split(separator: " ").first.flatMap { UInt16($0) })
    }

    /// How the program ends by itself.
    func end() async -> (status: CInt?, output: [String], errors: [String]) {
        let status = await process.exitStatus()
        return (status, await process.outputReader.remainingLines(), await process.errorReader.remainingLines())
    }
}
