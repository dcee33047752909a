import ArgumentParser
import LoadSupport

/// Which server, and how to speak with it.
struct TargetOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("plain://127.0.0.1:4000 or tls://localhost:4433", valueName: "url"))
    var target: Target

    @Option(name: .customLong("protocol"), help: "What the server speaks.")
    var dialect = DialectName.chat

    @Option(help: ArgumentHelp("The server's process, if it runs on this machine.", valueName: "number"))
    var pid: Int32?

    @Option(help: ArgumentHelp("Whom to trust: a file in PEM. (default: the system's)", valueName: "file"))
    var ca: String?

    func route() throws -> Route { try Route(to: target, authorities: ca) }

    func server() throws -> ServerProcess? { try pid.map { try ServerProcess(pid: $0) } }
}
