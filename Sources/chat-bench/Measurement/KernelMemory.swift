import Glibc
import LoadSupport

/// What the kernel keeps for sockets on the whole machine: proc(5).
enum KernelMemory {
    private static let look = 100_000 as useconds_t
    private static let looksAtMost = 50

    /// In bytes, once it does not fall any more: the kernel takes its time to free the sockets that others have closed.
    static func settled() -> Int {
        var least = inUse
        for _ in 0..<looksAtMost {
            usleep(look)
            let now = inUse
            if now >= least { return now }
            least = now
        }
        return least
    }

    /// In bytes: the kernel's small objects, and what waits in TCP's buffers.
    static var inUse: Int {
        let slab = ServerProcess.text("/proc/meminfo").split(separator: "\n").first { $0.hasPrefix("Slab:") }
        let tcp = ServerProcess.text("/proc/net/sockstat").split(separator: "\n").first { $0.hasPrefix("TCP:") }
        let pages = tcp?.split(separator: " ").last.flatMap { Int($0) } ?? 0
        let kibibytes = slab?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return kibibytes * 1_024 + pages * sysconf(CInt(_SC_PAGESIZE))
    }
}
