/// Replaces what could harm a terminal by U+FFFD, before anyone sees it.
///
/// That is: invalid UTF-8 (one U+FFFD for each maximal subpart), C0 controls but tab, DEL, C1 controls, and the
/// bidirectional overrides and isolates. Printable ASCII and all other text pass untouched, byte for byte.
/// Source: PROTOCOL.md, "Lines"; Unicode 15, section 3.9, "U+FFFD Substitution of Maximal Subparts";
/// Unicode Technical Report 36, section 2.5, for the bidirectional controls.
public enum TerminalSafety {
    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// Whether `text` is printable ASCII and tabs only, and so is safe as it is.
    public static func isPlain(_ text: Span<UInt8>) -> Bool {
        // A high bit comes up where a byte is above 127, below 32 or, one added, above 127: in none of the eight, or at
        // least in the lowest of which that is so.
        let (space, one) = (UInt64(repeating: 0x20), UInt64(repeating: 1))
        if text.union(of: { $0 | ($0 &- space) | ($0 &+ one) }) & .highBits == 0 { return true }
        return text.indices.allSatisfy { text[$0] &- 0x20 < 0x5F || text[$0] == UInt8(ascii: "\t") }
    }

    /// A copy of `text` that is valid UTF-8 and cannot harm a terminal; at most three times as long.
    public static func sanitised(_ text: Span<UInt8>) -> [UInt8] {
        var safe: [UInt8] = []
        safe.reserveCapacity(text.count + 16)
        var start = 0
        while start < text.count {
            let sequence = UTF8Sequence(in: text, at: start)
            if let scalar = sequence.scalar, isSafe(scalar) {
                safe.append(text.extracting(start..<start + sequence.length))
            } else {
                safe += replacement
            }
            start += sequence.length
        }
        return safe
    }

    /// A copy of `text` for one line in an operator's terminal.
    public static func sanitised(_ text: String) -> String {
        String(decoding: sanitised(Array(text.utf8).span), as: UTF8.self)
    }

    private static func isSafe(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x09: true
        case 0x00...0x1F, 0x7F...0x9F: false
        case 0x202A...0x202E, 0x2066...0x2069: false
        default: true
        }
    }
}
