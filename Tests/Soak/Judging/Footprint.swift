/// What a process takes of the machine, at one moment.
struct Footprint: Equatable {
    let descriptors: Int
    let threads: Int
    /// In bytes: what of its memory is resident.
    let resident: Int
    /// In bytes: what of that is its alone, and written to.
    let privateDirty: Int

    /// In bytes, and in parts of what there was: how much the memory may grow.
    /// In runs of a minute it grew by 12 % at the most: what the allocator keeps of the queues of those who stalled.
    static let allowance = (bytes: 4 << 20, share: 0.1)

    /// Notes what has grown from an earlier moment to this one, at which the process has to do the same.
    func judge(against earlier: Footprint, _ violations: Violations) {
        for (name, before, after) in [
            ("descriptors", earlier.descriptors, descriptors), ("threads", earlier.threads, threads),
        ] where before != after {
            violations.note(.mistreated, "\(name): \(before) before, \(after) after")
        }
        for (name, before, after) in [
            ("resident", earlier.resident, resident), ("private dirty", earlier.privateDirty, privateDirty),
        ] where after - before > Self.allowance.bytes + Int(Double(before) * Self.allowance.share) {
            violations.note(.mistreated, "\(name) memory: \(before >> 10) KiB before, \(after >> 10) KiB after")
        }
    }
}
