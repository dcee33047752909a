/// Bytes, first in, first out.
struct ByteQueue {
    private var bytes: [UInt8] = []
    private var head = 0

    var count: Int { bytes.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ more: some Collection<UInt8>) {
        bytes.append(contentsOf: more)
    }

    /// Takes out some of the first bytes.
    mutating func removeFirst(_ most: Int) -> ArraySlice<UInt8> {
        let end = head + min(most, count)
        let taken = bytes[head..<end]
        head = end
        if head == bytes.count {
            bytes = []
            head = 0
        } else if head > 1 << 16, head * 2 > bytes.count {
            bytes = Array(bytes[head...])
            head = 0
        }
        return taken
    }
}
