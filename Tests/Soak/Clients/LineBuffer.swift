/// Cuts a stream into lines, whatever they hold.
struct LineBuffer {
    /// What has come of a line whose LF has not.
    private(set) var rest: [UInt8] = []

    /// Hands out the lines that end in these bytes, without their LF.
    mutating func receive(_ bytes: UnsafeRawBufferPointer, _ take: ([UInt8]) -> Void) {
        var bytes = bytes[...]
        while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
            let line = rest + bytes[..<end]
            rest.removeAll(keepingCapacity: true)
            bytes = bytes[(end + 1)...]
            take(line)
        }
        rest += bytes
    }
}
