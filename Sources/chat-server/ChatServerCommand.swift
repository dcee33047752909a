import ArgumentParser
import ChatServer
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

@main
struct ChatServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat-server",
        abstract: "A chat for people at a terminal: nc is the client, or openssl s_client.",
        discussion: """
            Every key can be set by a flag where there is one, by an environment variable (CHAT_LISTEN, \
            CHAT_LIMITS_ROOM_LOG), in a .env file in the working directory, or in the YAML file of --config; \
            the first of these that sets it wins. PORT, in the environment or in .env, replaces the default \
            port for plaintext. --check-config lists every key.

            SIGHUP has the certificates read again. Exit status: 0 after SIGINT or SIGTERM, or when \
            its terminal is closed, 130 after a second SIGINT, which ends it at once, 64 for wrong usage, \
            69 if it cannot listen, 78 for a bad configuration.
            """)

    @Option(
        help: ArgumentHelp(
            """
            Where to listen, and with which transport; may be given several times. (default: plain://[::]:4000, and \
            tls://[::]:4433 where there is a certificate)
            """,
            valueName: "url"))
    var listen: [String] = []

    @Option(help: ArgumentHelp("Threads that serve connections. (default: one for each core)", valueName: "number"))
    var eventLoops: String?

    @Option(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error or critical. (default: info)", valueName: "level"))
    var logLevel: String?

    @OptionGroup
    var tls: TLSOptions

    @Option(help: ArgumentHelp("A YAML file with further settings.", valueName: "file"))
    var config: String?

    @Flag(help: "Say what the configuration is, or what is wrong with it, and end.")
    var checkConfig = false

    func run() async throws {
        do {
            let (configuration, settings) = try load()
            if checkConfig {
                try configuration.tls?.check()
                print(settings.map(\.description).joined(separator: "\n"))
            } else {
                try await serve(configuration)
            }
        } catch let error as ConfigurationError {
            throw fail(.badConfiguration, error)
        } catch let error as ListenError {
            throw fail(.cannotListen, error)
        }
    }

    private func load() throws -> (configuration: ServerConfiguration, settings: [EffectiveSetting]) {
        let flags = ["event-loops": eventLoops, "log-level": logLevel].merging(tls.values) { $1 }
        let lists = ["listen": listen].merging(tls.lists) { $1 }
        var sources = [
            ConfigurationSource.flags(flags.compactMapValues { $0 }, lists: lists.filter { !$0.value.isEmpty }),
            .environment(ProcessInfo.processInfo.environment),
            try .environmentFile(".env"),
        ]
        if let config { sources.append(try .file(config)) }
        return try ServerConfiguration.load(sources)
    }

    private func serve(_ configuration: ServerConfiguration) async throws {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var logger = Logger(label: "chat-server")
        logger.logLevel = configuration.logLevel
        let server = try ChatServer(configuration, logger: logger)
        let secondInterrupt = await SecondInterrupt()
        let reload = await HangupReload(server, logger: logger)
        let announcement = Announcement(listeners: server.listeners)
        let group = ServiceGroup(
            configuration: .init(
                // Shut down in the reverse order.
                services: [
                    .init(service: secondInterrupt),
                    .init(service: server),
                    .init(service: reload, successTerminationBehavior: .gracefullyShutdownGroup),
                    .init(service: announcement, successTerminationBehavior: .ignore),
                ],
                gracefulShutdownSignals: [.sigint, .sigterm], logger: logger))
        try await group.run()
    }

    private func fail(_ code: ExitCode, _ error: any Error) -> ExitCode {
        FileHandle.standardError.write(Data("chat-server: \(error)\n".utf8))
        return code
    }
}

extension ExitCode {
    /// EX_UNAVAILABLE of sysexits.h.
    fileprivate static let cannotListen = ExitCode(69)
    /// EX_CONFIG of sysexits.h.
    fileprivate static let badConfiguration = ExitCode(78)
}
