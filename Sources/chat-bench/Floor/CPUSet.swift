import CLinux
import EventLoop
import Glibc

/// The cores on which a process may run: sched_setaffinity(2).
struct CPUSet {
    /// Cores have numbers below this.
    static let capacity = MemoryLayout<cpu_set_t>.size * 8

    private var set = cpu_set_t()

    /// One core, by its number, below ``capacity``.
    init(core: Int) {
        withUnsafeMutableBytes(of: &set) { bytes in
            precondition((0..<Self.capacity).contains(core), "The command line was checked")
            bytes[core / 8] |= 1 << UInt8(core % 8)
        }
    }

    /// Those of a process.
    init(of pid: pid_t) throws(SystemCallError) {
        guard sched_getaffinity(pid, MemoryLayout.size(ofValue: set), &set) == 0 else {
            throw .last("sched_getaffinity")
        }
    }

    func confine(_ pid: pid_t) throws(SystemCallError) {
        var set = set
        guard sched_setaffinity(pid, MemoryLayout.size(ofValue: set), &set) == 0 else {
            throw .last("sched_setaffinity")
        }
    }
}
