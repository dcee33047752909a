import ArgumentParser

@main
struct ChatBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat-bench",
        abstract: "Measures a chat server: what a line costs, how long it takes, whether it arrives.",
        discussion: """
            The server is told by its URL: plain://127.0.0.1:4000, tls://localhost:4433. With --pid, the process of a \
            server on this machine, the figures say what it costs there, and how that compares with the floor: the same \
            bytes from a process that does nothing but receive and send them.

            Exit status: 1 where a line was lost, duplicated or misordered, or a connection failed; 64 for wrong usage.
            """,
        subcommands: [
            FanoutCommand.self, PacedCommand.self, IdleCommand.self, ConnectCommand.self, ReconnectCommand.self,
            FloorCommand.self,
            ServeFloorCommand.self,
        ])
}
