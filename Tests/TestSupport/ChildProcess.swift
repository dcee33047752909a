import CLinux
import Foundation
import Locking

/// A program that runs in a process and process group of its own, with this process's descriptors closed.
///
/// Not Foundation's `Process`: where some 1,360 descriptors are open, as they are while all tests run at once, that one
/// reads beyond the end of what readdir(3) has found, and now and then ends the test run (swift-corelibs-foundation
/// pull request 5472, which Swift 6.3.1 has not got). Source: posix_spawn(3).
final class ChildProcess: Sendable {
    let identifier: pid_t
    /// The status with which it ends, or the number of the signal that has ended it. Once.
    let ended: AsyncStream<CInt>
    /// Until it has been waited for: its number may be another's then.
    private let isThere = LockedValue(true)

    /// `streams` become standard input, standard output and standard error. Throws `POSIXError`.
    init(
        _ path: String, _ arguments: [String], environment: [String: String], directory: String?, streams: [CInt]
    ) throws {
        identifier = try Self.spawn(
            path, arguments: [path] + arguments, environment: environment.map { "\($0)=\($1)" }, directory: directory,
            streams: streams)
        let (ended, continuation) = AsyncStream<CInt>.makeStream()
        self.ended = ended
        Thread.detachNewThread { [identifier, isThere] in
            var information = siginfo_t()
            while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
            var status: CInt = 0
            isThere.withLock {
                waitpid(identifier, &status, 0)
                $0 = false
            }
            let signal = status & 0x7F
            continuation.yield(signal == 0 ? status >> 8 & 0xFF : signal)
            continuation.finish()
        }
    }

    /// Does nothing where it has ended.
    func send(signal: CInt) {
        isThere.withLock { if $0 { kill(identifier, signal) } }
    }

    private static func spawn(
        _ path: String, arguments: [String], environment: [String], directory: String?, streams: [CInt]
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, stream) in streams.enumerated() {
            try check(posix_spawn_file_actions_adddup2(&actions, stream, CInt(target)))
        }
        try check(posix_spawn_file_actions_addclosefrom_np(&actions, CInt(streams.count)))
        if let directory { try check(posix_spawn_file_actions_addchdir_np(&actions, directory)) }

        // As a shell starts a program, whatever this thread blocks and this process ignores.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, ignored) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigemptyset(&ignored)
        sigaddset(&ignored, SIGPIPE)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &ignored)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        try check(posix_spawnattr_setflags(&attributes, Int16(flags)))

        var identifier = pid_t()
        var argumentList = arguments.map { strdup($0) } + [nil]
        var environmentList = environment.map { strdup($0) } + [nil]
        defer { for string in argumentList + environmentList { free(string) } }
        try check(posix_spawn(&identifier, path, &actions, &attributes, &argumentList, &environmentList))
        return identifier
    }

    private static func check(_ error: CInt) throws {
        guard error == 0 else { throw POSIXError(POSIXErrorCode(rawValue: error) ?? .EINVAL) }
    }
}
