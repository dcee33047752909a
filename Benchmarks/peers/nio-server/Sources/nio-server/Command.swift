/// What a line asks for. Its arguments are bytes of that line and valid only as long as it.
enum Command {
    case login(UnsafeRawBufferPointer)
    case message(UnsafeRawBufferPointer)
    case direct(UnsafeRawBufferPointer)
    case who
    case ping
    case exit
    case unknown

    /// Nil for a blank line.
    init?(_ line: UnsafeRawBufferPointer) {
        let line = line.trimmed
        guard !line.isEmpty else { return nil }
        let (word, argument) = line.splitAtSpace
        if word.spells("MSG") {
            self = .message(argument)
        } else if word.spells("DM") {
            self = .direct(argument)
        } else if word.spells("LOGIN") {
            self = .login(argument)
        } else if word.spells("WHO") {
            self = .who
        } else if word.spells("PING") {
            self = .ping
        } else if word.spells("EXIT") || word.spells("QUIT") {
            self = .exit
        } else {
            self = .unknown
        }
    }
}

extension UInt8 {
    fileprivate var isSpace: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}

extension UnsafeRawBufferPointer {
    /// The first word, and what follows it without the space around.
    var splitAtSpace: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) {
        guard let end = firstIndex(where: \.isSpace) else { return (self, Self(rebasing: self[count...])) }
        return (Self(rebasing: self[..<end]), Self(rebasing: self[end...]).trimmed)
    }

    fileprivate var trimmed: UnsafeRawBufferPointer {
        var bytes = self[...]
        while let first = bytes.first, first.isSpace { bytes.removeFirst() }
        while let last = bytes.last, last.isSpace { bytes.removeLast() }
        return Self(rebasing: bytes)
    }

    /// In any case.
    fileprivate func spells(_ word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        return indices.allSatisfy { self[$0] & 0xDF == word.utf8Start[$0] }
    }
}
