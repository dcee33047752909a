import CLinux
import ChatServer
import FlowControl
import Glibc

/// Checks that memory stays within its bounds: the memory that the server accounts for, and the memory of malloc(3).
struct MemoryWatch {
    private static let turn = 512 << 10

    private let limits: Limits
    /// The bytes that were allocated before the simulation.
    private let before = Self.allocated
    /// The most that the server accounted for since the last look.
    private var accounted = 0
    /// The most that it ever accounted for, in bytes.
    private(set) var largest = 0

    init(_ limits: Limits) {
        self.limits = limits
    }

    mutating func note(accounted bytes: Int) {
        accounted = max(accounted, bytes)
    }

    mutating func look(at peers: [Peer], closed: [Peer], _ report: (String) -> Void) {
        largest = max(largest, accounted)
        // The output of one turn is added.
        if accounted > limits.memory + Self.turn { report("memory: \(accounted) bytes of \(limits.memory)") }
        // One chunk more than the log, and the limit for each connection.
        let bound = limits.roomLog + 1 << 20 + peers.reduce(0) { $0 + $1.pendingBound }
        if accounted > bound { report("memory: \(accounted) bytes, more than logs and output may take (\(bound))") }
        accounted = 0
        // A connection also has objects that are not accounted for, and arrays with up to twice the capacity that they use.
        let actual = Self.allocated - before - (peers + closed).reduce(0) { $0 + $1.memory }
        let most = 2 * limits.memory + 8 << 20 + peers.count * 32 << 10
        if actual > most { report("memory: \(actual) bytes are allocated, more than \(most)") }
    }

    private static var allocated: Int {
        let info = mallinfo2()
        return info.uordblks + info.hblkhd
    }
}
