/// All that a tunnel holds in one direction: one record's worth.
struct TunnelChunk {
    private var storage = [UInt8](repeating: 0, count: 16 << 10)
    private var rest = 0..<0

    var isEmpty: Bool { rest.isEmpty }

    mutating func fill(_ read: (UnsafeMutableRawBufferPointer) -> TunnelStep) -> TunnelStep {
        let step = storage.withUnsafeMutableBytes(read)
        if case .bytes(let count) = step { rest = 0..<count }
        return step
    }

    mutating func drain(_ write: (UnsafeRawBufferPointer) -> TunnelStep) -> TunnelStep {
        let step = storage[rest].withUnsafeBytes(write)
        if case .bytes(let count) = step { rest.removeFirst(count) }
        return step
    }

    mutating func discard() {
        rest = 0..<0
    }
}
