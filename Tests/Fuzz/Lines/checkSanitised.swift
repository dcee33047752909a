import ChatProtocol
import FuzzSupport

/// What a terminal gets of any text.
func checkSanitised(_ text: [UInt8]) {
    let safe = TerminalSafety.sanitised(text.span)
    guard let string = String(validating: safe, as: UTF8.self) else { return require(false, "It is valid UTF-8") }
    require(!string.unicodeScalars.contains(where: isForbidden), "Nothing in it harms a terminal")
    require(TerminalSafety.sanitised(safe.span) == safe, "It stays as it is")
    require(safe.filter(isPrintable) == text.filter(isPrintable), "Printable ASCII passes byte for byte")
    require(safe.count <= 3 * text.count, "It is no more than three times as long")

    // Swift, too, has one U+FFFD for each maximal subpart.
    let decoded = String(decoding: text, as: UTF8.self).unicodeScalars
    require(
        string.unicodeScalars.elementsEqual(decoded.map { isForbidden($0) ? "\u{FFFD}" : $0 }),
        "All other text passes, and only what is invalid or harmful is replaced")

    let isPlain = text.allSatisfy { isPrintable($0) || $0 == UInt8(ascii: "\t") }
    require(TerminalSafety.isPlain(text.span) == isPlain, "Plain is what is printable ASCII and tabs")
}

private func isPrintable(_ byte: UInt8) -> Bool {
    (0x20...0x7E).contains(byte)
}

/// Source: PROTOCOL.md, "Lines".
private func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09: false
    case 0x00...0x1F, 0x7F, 0x80...0x9F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
}
