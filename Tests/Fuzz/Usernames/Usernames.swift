import ChatProtocol
import Foundation
import FuzzSupport

/// Texts that may be names.
///
/// Input: the texts, one a line, in UTF-8 or not.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzUsernames(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = Input(start, count)
    let texts = input.remaining().split(separator: UInt8(ascii: "\n")).prefix(4)
        .map { String(decoding: $0, as: UTF8.self) }
    var names: [Username] = []
    for text in texts {
        guard let name = Username(text) else {
            require(Username(composed(text)) == nil, "NFC makes no name of what is none")
            continue
        }
        check(name, of: text)
        checkCase(name)
        names.append(name)
    }
    for left in names {
        for right in names { checkEquality(left, right, names) }
    }
    return 0
}

private func check(_ name: Username, of text: String) {
    require(isSame(name.text, composed(text)), "A name is the text that was given, in NFC")
    require((1...Username.maximumLength).contains(name.text.unicodeScalars.count), "It has 1 to 32 scalars")
    for spelling in [name.text, name.text.decomposedStringWithCanonicalMapping] {
        guard let again = Username(spelling) else { return require(false, "What is a name is one in any spelling") }
        require(isSame(again.text, name.text) && again == name, "Its spellings are one name")
    }
    let bytes = Array(name.text.utf8)
    require(TerminalSafety.sanitised(bytes.span) == bytes, "It harms no terminal")
    let line = Array("DM ".utf8) + bytes + Array(" x".utf8)
    let command = Command.direct(name: 3..<3 + bytes.count, text: line.count - 1..<line.count)
    require(Command(line.span) == command, "It is one word")
}

private func checkCase(_ name: Username) {
    // Dotless i alone has an upper case that is another letter's.
    guard !name.text.unicodeScalars.contains("\u{131}") else { return }
    let isASCII = name.text.utf8.allSatisfy { $0 < 0x80 }
    // The upper case of an iota subscript is a letter, which what stands behind it in NFC would be the mark of: Unicode 15,
    // section 3.13, D145.
    let decomposed = name.text.decomposedStringWithCanonicalMapping
    for spelling in [decomposed.uppercased(), decomposed.lowercased()] {
        let other = Username(spelling)
        require(other == name || other == nil && !isASCII, "In another case it is the same name")
    }
}

private func checkEquality(_ left: Username, _ right: Username, _ names: [Username]) {
    require((left == right) == (left.key == right.key), "Names are the same whose keys are")
    require((left == right) == (right == left), "Of two that are the same, either is the other")
    guard left == right else { return }
    require(Set([left, right]).count == 1, "Names that are the same count once")
    for other in names { require((left == other) == (right == other), "What is the same as one is so as the other") }
}

/// In NFC. By way of NFD: of what is not decomposed, Foundation leaves a Hangul syllable and its last consonant apart.
private func composed(_ text: String) -> String {
    text.decomposedStringWithCanonicalMapping.precomposedStringWithCanonicalMapping
}

/// Swift's own comparison does not tell composed from decomposed.
private func isSame(_ left: String, _ right: String) -> Bool {
    left.unicodeScalars.elementsEqual(right.unicodeScalars)
}
