import CLinux
import EventLoop
import Glibc

/// The cores on which a process may run: sched_setaffinity(2).
struct CPUSet {
    private var set = cpu_set_t()

    /// One core, by its number.
    init(core: Int) {
        withUnsafeMutableBytes(of: &set) { bytes in
            guard bytes.indices.contains(core / 8) else { return }
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
