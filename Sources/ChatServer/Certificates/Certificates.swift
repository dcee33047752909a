import ChatTransport
import Foundation
import Locking
import Logging

/// The certificates in force, and their replacement by what the same files hold later. Safe on any thread.
final class Certificates: Sendable {
    private typealias Files = Result<TLSMaterial, ConfigurationError>

    private struct Attempt {
        var files: Files
        /// When the same files may do, where they hold a certificate that is not valid yet.
        var retryAt: Date?
    }

    /// How often the files are looked at: those in a container change without a signal.
    private static let watchInterval = Duration.seconds(1)
    private static let expiryWarning: TimeInterval = 14 * day
    private static let day: TimeInterval = 24 * 60 * 60

    let context: ReloadableTLSContext
    private let configuration: TLSConfiguration
    private let logger: Logger
    /// The last one, successful or not.
    private let attempt: LockedValue<Attempt>

    init(_ configuration: TLSConfiguration, logger: Logger) throws(ConfigurationError) {
        let material = try configuration.read()
        context = try configuration.makeContext(of: material)
        attempt = LockedValue(Attempt(files: .success(material)))
        self.configuration = configuration
        self.logger = logger
        logInForce(.info)
        warnOfExpiry()
    }

    /// Replaces what is in force by what the files hold now. Where that cannot be, the log says why.
    func reload() {
        load(read())
    }

    /// Reloads whenever the files have changed, and warns each day of what is about to expire, until its task is cancelled.
    func watch(every interval: Duration = watchInterval) async {
        var seen = read()
        var nextWarning = Date.now + Self.day
        while (try? await Task.sleep(for: interval)) != nil {
            let files = read()
            // The same twice: whoever replaces a certificate and then its key has done so.
            if files == seen, isWorthTrying(files) { load(files) }
            seen = files
            if Date.now >= nextWarning {
                warnOfExpiry()
                nextWarning += Self.day
            }
        }
    }

    /// Warns of what expires soon.
    func warnOfExpiry(at now: Date = .now) {
        for certificate in context.current.certificates where certificate.expiry < now + Self.expiryWarning {
            let hasExpired = certificate.expiry <= now
            logger.log(
                level: hasExpired ? .error : .warning,
                hasExpired ? "a certificate has expired" : "a certificate is about to expire",
                metadata: certificate.metadata)
        }
    }

    private func read() -> Files {
        Result { () throws(ConfigurationError) in try configuration.read() }
    }

    private func isWorthTrying(_ files: Files) -> Bool {
        attempt.withLock { $0.files != files || $0.retryAt.map { $0 <= .now } ?? false }
    }

    private func load(_ files: Files) {
        // Under the lock: the signal may come while the watch is at it.
        attempt.withLock { attempt in
            attempt = Attempt(files: files)
            do throws(ConfigurationError) {
                let material = try files.get()
                do throws(TLSContextError) {
                    try context.replace(with: material)
                } catch {
                    if case .notYetValid(let beginning) = error.problem { attempt.retryAt = beginning }
                    throw ConfigurationError(error)
                }
                logger.notice("certificates reloaded")
                logInForce(.notice)
                warnOfExpiry()
            } catch {
                logger.error(
                    "certificates not reloaded, the old ones stay in force", metadata: ["error": "\(error)"])
            }
        }
    }

    private func logInForce(_ level: Logger.Level) {
        for certificate in context.current.certificates {
            logger.log(level: level, "certificate in force", metadata: certificate.metadata)
        }
    }
}

extension ServerCertificate {
    fileprivate var metadata: Logger.Metadata {
        [
            "certificate": "\(file)", "names": "\(names.joined(separator: ", "))",
            "expires": "\(expiry.formatted(.iso8601))",
        ]
    }
}
