import Glibc
import NIOCore

/// Makes lines of what comes from a socket; only a line whose end has not come yet is copied.
struct LineDecoder {
    static let limit = 4096
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private var rest = ByteBuffer()
    private var isDiscarding = false

    /// Calls `body` with each line, without its end, or with nil for one that is too long.
    mutating func decode(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer?) -> Void) {
        var bytes = bytes
        while let base = bytes.baseAddress, let end = memchr(base, Int32(Self.lineFeed), bytes.count) {
            let length = base.distance(to: UnsafeRawPointer(end))
            finish(UnsafeRawBufferPointer(rebasing: bytes[..<length]), body)
            bytes = UnsafeRawBufferPointer(rebasing: bytes[(length + 1)...])
        }
        keep(bytes, body)
    }

    /// Calls `body` with what came after the last line's end, if anything.
    mutating func end(_ body: (UnsafeRawBufferPointer?) -> Void) {
        finish(UnsafeRawBufferPointer(start: nil, count: 0), body)
    }

    private mutating func finish(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer?) -> Void) {
        if isDiscarding {
            isDiscarding = false
        } else if rest.readableBytes == 0 {
            emit(bytes, body)
        } else {
            rest.writeBytes(bytes)
            rest.withUnsafeReadableBytes { emit($0, body) }
            rest = ByteBuffer()
        }
    }

    private func emit(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer?) -> Void) {
        let line = bytes.last == Self.carriageReturn ? UnsafeRawBufferPointer(rebasing: bytes.dropLast()) : bytes
        body(line.count > Self.limit ? nil : line)
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer?) -> Void) {
        guard !isDiscarding, !bytes.isEmpty else { return }
        rest.writeBytes(bytes)
        // One more, for the CR that does not count.
        if rest.readableBytes > Self.limit + 1 {
            isDiscarding = true
            rest = ByteBuffer()
            body(nil)
        }
    }
}
