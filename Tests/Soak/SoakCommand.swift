import ArgumentParser
import Foundation

@main
struct SoakCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Puts a server through clients of all kinds and faults, while honest users check every promise.",
        discussion: """
            The server is a child of this process, with a plaintext and a TLS listener on 127.0.0.1. Run it from the \
            repository's root. Exit status: 1 where anything was not as PROTOCOL.md promises it.
            """)

    @Option(help: ArgumentHelp("How long there is chaos.", valueName: "seconds"))
    var seconds = 600

    @Option(help: ArgumentHelp("How many clients are there at once, beside the honest users.", valueName: "number"))
    var clients = 350

    @Option(help: ArgumentHelp("Decides what clients do. (default: another one each time)", valueName: "number"))
    var seed: UInt64?

    @Option(help: ArgumentHelp("The server's program. (default: beside this one)", valueName: "file"))
    var server: String?

    @Option(help: ArgumentHelp("The script that makes certificates.", valueName: "file"))
    var certificates = "certs/make-dev-certs.sh"

    func validate() throws {
        guard seconds >= 20 else { throw ValidationError("--seconds must be 20 or more.") }
        guard (1...2_000).contains(clients) else { throw ValidationError("--clients must be 1 to 2000.") }
    }

    func run() throws {
        let seed = seed ?? .random(in: 0..<1 << 32)
        print("seed \(seed)")
        let beside = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let options = SoakOptions(
            seconds: seconds, clients: clients, seed: seed,
            executable: server.map { URL(filePath: $0) } ?? beside.appendingPathComponent("chat-server"),
            certificates: certificates)
        let report = try Soak(options).run()
        print(report.text)
        guard report.violations.isEmpty else { throw ExitCode.failure }
    }
}
