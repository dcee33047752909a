import Foundation
package import Glibc

/// What the kernel says of a process on this machine: proc(5).
package struct ServerProcess {
    package let pid: pid_t

    /// Throws where there is no such process.
    package init(pid: pid_t) throws(NoSuchProcess) {
        self.pid = pid
        guard FileManager.default.fileExists(atPath: "/proc/\(pid)/status") else { throw NoSuchProcess(pid: pid) }
    }

    /// The time that its threads have run, those that have ended too.
    ///
    /// Source: clock_getcpuclockid(3).
    package var cpuTime: Nanoseconds {
        get throws(NoSuchProcess) {
            var clock = clockid_t()
            guard clock_getcpuclockid(pid, &clock) == 0 else { throw NoSuchProcess(pid: pid) }
            return .time(of: clock)
        }
    }

    /// In bytes.
    package var residentSize: Int {
        let line = Self.text("/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (kibibytes ?? 0) * 1_024
    }

    /// Files of /proc have no size, which Foundation's reading of a URL copes with and some others do not.
    package static func text(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

/// There is no process with this number.
package struct NoSuchProcess: Error, CustomStringConvertible {
    let pid: pid_t

    package var description: String { "there is no process \(pid)" }
}
