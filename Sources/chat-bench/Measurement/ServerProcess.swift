import Foundation

/// What the kernel says of a process on this machine: proc(5).
struct ServerProcess {
    let pid: pid_t

    /// Throws where there is no such process.
    init(pid: pid_t) throws(NoSuchProcess) {
        self.pid = pid
        guard FileManager.default.fileExists(atPath: "/proc/\(pid)/status") else { throw NoSuchProcess(pid: pid) }
    }

    /// The time that its threads have run, those that have ended not included.
    ///
    /// The scheduler's own account, in nanoseconds, where /proc/PID/stat counts ticks of 10 ms.
    var cpuTime: Nanoseconds {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return tasks.reduce(0) { sum, task in
            let account = Self.text("/proc/\(pid)/task/\(task)/schedstat").prefix { $0 != " " }
            return sum + (Nanoseconds(account) ?? 0)
        }
    }

    /// In bytes.
    var residentSize: Int {
        let line = Self.text("/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (kibibytes ?? 0) * 1_024
    }

    /// Files of /proc have no size, which Foundation's reading of a URL copes with and some others do not.
    static func text(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

/// There is no process with this number.
struct NoSuchProcess: Error, CustomStringConvertible {
    let pid: pid_t

    var description: String { "there is no process \(pid)" }
}
