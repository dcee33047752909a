import Glibc

/// What the kernel keeps for sockets on the whole machine: proc(5).
enum KernelMemory {
    /// In bytes: the kernel's small objects, and what waits in TCP's buffers.
    static var inUse: Int {
        let slab = ServerProcess.text("/proc/meminfo").split(separator: "\n").first { $0.hasPrefix("Slab:") }
        let tcp = ServerProcess.text("/proc/net/sockstat").split(separator: "\n").first { $0.hasPrefix("TCP:") }
        let pages = tcp?.split(separator: " ").last.flatMap { Int($0) } ?? 0
        let kibibytes = slab?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return kibibytes * 1_024 + pages * sysconf(CInt(_SC_PAGESIZE))
    }
}
