/// A part of a room's log, in memory that never moves.
///
/// `@unchecked Sendable`: bytes are appended only under the order's lock, after all earlier bytes, which never change. A
/// reader on another thread reads only bytes below an end that it has learned under that lock.
final class LogChunk: @unchecked Sendable {
    /// The position of the first byte in the room's log.
    let start: Int
    let capacity: Int
    private let memory: UnsafeMutablePointer<UInt8>
    /// How many bytes were appended. Under the order's lock only.
    private(set) var count = 0

    init(start: Int, capacity: Int) {
        self.start = start
        self.capacity = capacity
        memory = .allocate(capacity: capacity)
    }

    deinit { memory.deallocate() }

    /// The position after the last byte that was appended. Under the order's lock only.
    var end: Int { start + count }

    /// Never written below the end that a reader knows.
    var base: UnsafePointer<UInt8> { UnsafePointer(memory) }

    /// Appends a line, for which there must be space.
    func append(_ line: borrowing ChatLine) {
        line.forEachPiece(append)
    }

    /// Appends bytes, for which there must be space.
    func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        precondition(count + bytes.count <= capacity)
        guard let base = bytes.baseAddress else { return }
        (memory + count).initialize(from: base, count: bytes.count)
        count += bytes.count
    }
}
