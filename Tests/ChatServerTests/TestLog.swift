import Locking
import Logging

/// Keeps what is logged, for a test to look at.
final class TestLog: Sendable {
    private struct Handler: LogHandler {
        let log: TestLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
            log.entries.withLock {
                $0.append((event.level, "\(event.message) \(details.joined(separator: " "))"))
            }
        }
    }

    private let entries = LockedValue<[(level: Logger.Level, line: String)]>([])

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    /// The message and its metadata, by key.
    func lines(_ level: Logger.Level) -> [String] {
        entries.withLock { $0.filter { $0.level == level }.map(\.line) }
    }
}
