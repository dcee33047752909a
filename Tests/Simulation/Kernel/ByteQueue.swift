/// Bytes, first in, first out.
struct ByteQueue {
    /// Whether it has the bytes, and not only their number.
    private let keepsBytes: Bool
    private var bytes: [UInt8] = []
    private var head = 0
    private(set) var count = 0

    init(keepsBytes: Bool = true) {
        self.keepsBytes = keepsBytes
    }

    var isEmpty: Bool { count == 0 }

    /// The memory that it takes, in bytes.
    var capacity: Int { bytes.capacity }

    mutating func append(_ more: UnsafeBufferPointer<UInt8>) {
        count += more.count
        if keepsBytes { bytes.append(contentsOf: more) }
    }

    /// Passes some of the first bytes to `body`.
    func withFirst<Result>(_ most: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[head..<head + min(most, count)])) }
    }

    mutating func removeFirst(_ number: Int) {
        count -= number
        guard keepsBytes else { return }
        head += number
        if head == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= 4 << 10)
            head = 0
        } else if head > 1 << 16, head * 2 > bytes.count {
            bytes.removeFirst(head)
            head = 0
        }
    }

    /// Moves some of the first bytes to the end of another queue.
    mutating func move(_ number: Int, to other: inout ByteQueue) {
        if keepsBytes { withFirst(number) { other.append($0) } } else { other.count += number }
        removeFirst(number)
    }
}
