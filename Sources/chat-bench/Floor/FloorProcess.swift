import Foundation
import LoadSupport

/// A ``FloorServer`` in a process of its own, so that its time is measured as a server's is.
final class FloorProcess {
    let server: ServerProcess
    let target: Target
    private let process = Process()

    init(
        _ variant: FloorVariant, _ size: LoadSize, _ material: FloorMaterial, keepsBuffers: Bool, on cores: CPUSet?
    ) throws {
        process.executableURL = URL(filePath: "/proc/self/exe")
        process.arguments =
            ["serve-floor", variant.rawValue, "\(size.receivers)", "\(size.senders)"] + material.arguments
            + (keepsBuffers ? ["--keep-buffers"] : [])
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        try process.run()
        server = try ServerProcess(pid: process.processIdentifier)
        try cores?.confine(process.processIdentifier)
        let port = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let scheme = variant.isTLS ? "tls" : "plain"
        guard let target = Target(argument: "\(scheme)://127.0.0.1:\(port.trimmingCharacters(in: .newlines))") else {
            process.terminate()
            throw FloorFailure(call: "serve-floor")
        }
        self.target = target
    }

    func end() {
        // It has nothing to tidy up, and may have been started where SIGTERM is ignored.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
