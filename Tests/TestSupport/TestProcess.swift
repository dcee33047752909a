public import Foundation

/// A program that a test runs and talks to.
///
/// Used by one task at a time. Ended when it is let go of.
public final class TestProcess {
    private let child: ChildProcess
    private let input = Pipe()
    private let output = Pipe()
    private let errors = Pipe()
    /// What the sanitizers in a program that a test runs are told, in variables of the test's own: `make sanitize`.
    private static let sanitizerOptions = Dictionary(
        uniqueKeysWithValues: ["ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"].compactMap { name in
            ProcessInfo.processInfo.environment["PROGRAM_\(name)"].map { (name, $0) }
        })

    /// What the program says on standard output.
    public let outputReader: LineReader
    /// What the program says on standard error.
    public let errorReader: LineReader

    /// - Parameter environment: all of it, but for what sanitizers are told; the test's own is not passed on.
    public init(
        _ executable: URL, _ arguments: [String], environment: [String: String] = [:], directory: URL? = nil
    ) throws {
        // A program that ends early must not end the test that writes to it.
        signal(SIGPIPE, SIG_IGN)
        let streams = [input.fileHandleForReading, output.fileHandleForWriting, errors.fileHandleForWriting]
        child = try ChildProcess(
            executable.path, arguments, environment: environment.merging(Self.sanitizerOptions) { given, _ in given },
            directory: directory?.path, streams: streams.map(\.fileDescriptor))
        for stream in streams { try stream.close() }
        outputReader = LineReader(output.fileHandleForReading.fileDescriptor)
        errorReader = LineReader(errors.fileHandleForReading.fileDescriptor)
    }

    deinit {
        child.send(signal: SIGKILL)
    }

    public var identifier: pid_t { child.identifier }

    /// Says lines on the program's standard input, all at once.
    public func say(_ lines: String...) {
        send(lines.map { $0 + "\n" }.joined())
    }

    public func send(_ text: String) {
        try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    }

    /// Ends the program's standard input.
    public func finishSending() {
        try? input.fileHandleForWriting.close()
    }

    public func send(signal: CInt) {
        child.send(signal: signal)
    }

    /// The status with which the program ends.
    public func exitStatus() async -> CInt? {
        for await status in child.ended { return status }
        return nil
    }

    /// Where the shell would find a program, or `nil`.
    public static func find(_ name: String) -> URL? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { URL(fileURLWithPath: String($0)).appendingPathComponent(name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }
}
