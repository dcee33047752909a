/// The UTF-8 sequence, or the maximal subpart of one, at a place in a text.
///
/// Source: Unicode 15, section 3.9, table 3-7, "Well-Formed UTF-8 Byte Sequences".
struct UTF8Sequence {
    /// The scalar's value, or `nil` where the bytes are not UTF-8.
    let scalar: UInt32?
    /// In bytes, at least 1. Of an ill-formed sequence: how much one U+FFFD stands for.
    let length: Int

    /// - Precondition: `start` is an index of `text`.
    init(in text: Span<UInt8>, at start: Int) {
        let lead = text[start]
        let expected: Int
        // Some leads narrow the second byte: no overlong form, no surrogate, nothing above U+10FFFF.
        var allowed: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0x00...0x7F: expected = 1
        case 0xC2...0xDF: expected = 2
        case 0xE0: (expected, allowed) = (3, 0xA0...0xBF)
        case 0xED: (expected, allowed) = (3, 0x80...0x9F)
        case 0xE1...0xEF: expected = 3
        case 0xF0: (expected, allowed) = (4, 0x90...0xBF)
        case 0xF4: (expected, allowed) = (4, 0x80...0x8F)
        case 0xF1...0xF3: expected = 4
        default:
            scalar = nil
            length = 1
            return
        }
        var value = expected == 1 ? UInt32(lead) : UInt32(lead) & (0x7F >> UInt32(expected))
        var count = 1
        while count < expected, start + count < text.count, allowed.contains(text[start + count]) {
            value = value << 6 | UInt32(text[start + count] & 0x3F)
            allowed = 0x80...0xBF
            count += 1
        }
        scalar = count == expected ? value : nil
        length = count
    }
}
