import EventLoop
import Foundation

/// A real client in a process of its own, which says some lines, is stopped, and then goes on or is killed.
final class ProcessClient: Guest {
    enum Program: String {
        case netcat = "nc"
        case sClient = "openssl s_client"
    }

    private enum Phase {
        case chatting, stopped, leaving
    }

    private static let timeToChat = Duration.seconds(1)
    private static let timeToLeave = Duration.seconds(20)

    let title: String
    private(set) var wasServed: Bool?

    private let name: String
    private let world: World
    private let stop: Duration
    private let isKilled: Bool
    private let process = Process()
    private let input = Pipe()
    private let output: URL
    private var phase = Phase.chatting
    private var phaseEnd = Instant.now + timeToChat

    init(
        _ title: String, _ program: Program, name: String, stopsFor stop: Duration, isKilled: Bool, in world: World
    ) throws {
        self.title = title
        self.name = name
        self.world = world
        self.stop = stop
        self.isKilled = isKilled
        output = world.folder.appendingPathComponent(name)
        try Data().write(to: output)
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            switch program {
            case .netcat: ["nc", "127.0.0.1", "\(world.addresses.plain.port)"]
            case .sClient: ["openssl", "s_client", "-quiet", "-connect", "\(world.addresses.tls)"]
            }
        process.standardInput = input
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        world.transcript.announce(name)
        try process.run()
        say("LOGIN \(name)\nMSG \(NumberedText(number: 1).text)\nMSG \(NumberedText(number: 2).text)\n")
    }

    func look() {
        guard wasServed == nil else { return }
        guard process.isRunning else { return judge() }
        guard phaseEnd <= .now else { return }
        switch phase {
        case .chatting where !hasHeard && phaseEnd + World.patience > .now: break
        case .chatting:
            kill(process.processIdentifier, SIGSTOP)
            (phase, phaseEnd) = (.stopped, .now + stop)
        case .stopped:
            kill(process.processIdentifier, isKilled ? SIGKILL : SIGCONT)
            say("EXIT\n")
            try? input.fileHandleForWriting.close()
            (phase, phaseEnd) = (.leaving, .now + Self.timeToLeave)
        case .leaving:
            // Some clients notice the end of a connection only with a line that nobody gives them.
            abandon()
        }
    }

    func abandon() {
        guard wasServed == nil else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        judge()
    }

    private var hasHeard: Bool {
        ((try? output.resourceValues(forKeys: [.fileSizeKey]))?.fileSize ?? 0) > 0
    }

    private func say(_ lines: String) {
        try? input.fileHandleForWriting.write(contentsOf: Data(lines.utf8))
    }

    private func judge() {
        let text = (try? String(decoding: Data(contentsOf: output), as: UTF8.self)) ?? ""
        try? FileManager.default.removeItem(at: output)
        let wasServed = world.isEnding || text.hasPrefix("OK\n")
        if !wasServed { world.violations.note(.mistreated, "\(title) \(name) got “\(text.prefix(200))”") }
        self.wasServed = wasServed
    }
}
