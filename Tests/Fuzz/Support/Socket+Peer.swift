public import EventLoop

/// The peer's end of a pair, which is small talk for a kernel: everything finds room.
extension Socket {
    public func say(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        require(succeed { try send(bytes.span) } == bytes.count, "The kernel has room")
    }

    /// All that has come, and whether that is all that will.
    public func hear() -> (bytes: [UInt8], hasEnded: Bool) {
        var heard: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            var span = buffer.mutableSpan
            switch succeed({ try receive(into: &span) }) {
            case nil: return (heard, false)
            case 0: return (heard, true)
            case let count?: heard += buffer.prefix(count)
            }
        }
    }
}
