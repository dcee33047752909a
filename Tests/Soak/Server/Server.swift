import EventLoop
import Foundation
import LoadSupport

/// The server, in a process of its own.
final class Server {
    /// Those that have to happen within a minute. A LOGIN may wait for as long as the senders wait for a slow reader.
    private static let limits = [
        "CHAT_LIMITS_LOGIN_TIMEOUT": "15s", "CHAT_LIMITS_HANDSHAKE_TIMEOUT": "8s", "CHAT_LIMITS_SHUTDOWN_GRACE": "5s",
    ]

    let addresses: World.Addresses
    private let process = Process()
    private let log: FileHandle
    private var unfinishedLine = Data()

    init(_ executable: URL, _ certificates: Certificates, in folder: URL) throws {
        let logFile = folder.appendingPathComponent("log")
        try Data().write(to: logFile)
        log = try FileHandle(forReadingFrom: logFile)
        // It does not outlive the soak, however that ends.
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["setpriv", "--pdeathsig", "KILL", executable.path, "--event-loops", "2"]
            + ["--listen", "plain://127.0.0.1:0", "--listen", "tls://127.0.0.1:0"] + certificates.serverArguments
        process.environment = Self.limits.merging(["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"]) { $1 }
        process.currentDirectoryURL = folder
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: logFile)
        try process.run()
        let ports = Self.ports(output.fileHandleForReading)
        guard ports.count == 2 else { throw SoakFailure("the server does not start: see standard error") }
        addresses = World.Addresses(
            plain: try SocketAddress.resolve(host: "127.0.0.1", port: ports[0])[0],
            tls: try SocketAddress.resolve(host: "127.0.0.1", port: ports[1])[0])
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// Those that it tells on standard output, a line for each listener. Blocks.
    private static func ports(_ output: FileHandle) -> [UInt16] {
        var text = ""
        while text.split(separator: "\n").count < 2 || !text.hasSuffix("\n") {
            let data = output.availableData
            guard !data.isEmpty else { break }
            text += String(decoding: data, as: UTF8.self)
        }
        return text.split(separator: "\n").compactMap { line in
            line.split(separator: " ").lazy.compactMap { UInt16($0) }.first
        }
    }

    var isRunning: Bool { process.isRunning }

    /// Once it has ended; `nil` where a signal has ended it.
    var exitStatus: Int32? { process.terminationReason == .exit ? process.terminationStatus : nil }

    func send(signal: CInt) {
        if process.isRunning { kill(process.processIdentifier, signal) }
    }

    /// The lines that it has written to standard error since the last call.
    func readLog() -> [String] {
        unfinishedLine += log.availableData
        guard let end = unfinishedLine.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let lines = String(decoding: unfinishedLine[...end], as: UTF8.self).split(separator: "\n").map(String.init)
        unfinishedLine = Data(unfinishedLine[(end + 1)...])
        return lines
    }

    /// Lets it have no descriptor more than it has now, or again as many as it may.
    func limitDescriptors(_ isLimited: Bool) throws {
        let command = Process()
        command.executableURL = URL(filePath: "/usr/bin/env")
        // The soft limit, beside the hard one.
        let limit = isLimited ? "\(descriptors):" : "$(ulimit -Hn):"
        command.arguments = ["bash", "-c", "prlimit --pid \(process.processIdentifier) --nofile=\(limit)"]
        try command.run()
        command.waitUntilExit()
        guard command.terminationStatus == 0 else { throw SoakFailure("prlimit has failed") }
    }

    var descriptors: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.processIdentifier)/fd").count) ?? 0
    }

    /// Source: proc(5).
    var footprint: Footprint {
        let pid = process.processIdentifier
        let memory = ServerProcess.text("/proc/\(pid)/smaps_rollup")
        let status = ServerProcess.text("/proc/\(pid)/status")
        return Footprint(
            descriptors: descriptors, threads: status.number(behind: "Threads:"),
            resident: memory.number(behind: "Rss:") << 10, privateDirty: memory.number(behind: "Private_Dirty:") << 10)
    }
}

extension String {
    fileprivate func number(behind label: String) -> Int {
        let line = split(separator: "\n").first { $0.hasPrefix(label) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }
}
