import ChatProtocol
import TestSupport
import Testing

func sanitised(_ bytes: [UInt8]) -> [UInt8] { TerminalSafety.sanitised(bytes.span) }

func isPlain(_ bytes: [UInt8]) -> Bool { TerminalSafety.isPlain(bytes.span) }

struct TerminalSafetyTests {
    @Test("Printable ASCII and tabs pass, byte for byte")
    func plain() {
        let plain = Array(UInt8(0x20)...0x7E) + [0x09]
        #expect(isPlain(plain))
        #expect(sanitised(plain) == plain)
    }

    @Test("Nothing else counts as plain")
    func notPlain() {
        for byte in UInt8.min...UInt8.max where !(0x20...0x7E).contains(byte) && byte != 0x09 {
            #expect(!isPlain([0x41, byte, 0x42]), "\(byte)")
        }
    }

    @Test(
        "Other text passes, byte for byte",
        arguments: ["Grüße", "你好", "🧑‍💻👍🏽", "שלום", "e\u{301}", "\u{200F}\u{FEFF}\u{10FFFF}"])
    func text(_ text: String) {
        #expect(sanitised(Array(text.utf8)) == Array(text.utf8))
    }

    @Test("Every C0 control but tab, DEL, and every C1 control becomes U+FFFD")
    func controls() {
        let controls = Array(UInt32(0)...0x1F).filter { $0 != 9 } + [0x7F] + Array(0x80...0x9F)
        for control in controls.compactMap(Unicode.Scalar.init) {
            #expect(TerminalSafety.sanitised("a\(control)b") == "a\u{FFFD}b", "\(control.value)")
        }
    }

    @Test("A raw C1 byte is invalid UTF-8, and becomes U+FFFD as well")
    func rawControls() {
        for byte in UInt8(0x80)...0x9F {
            #expect(sanitised([0x61, byte, 0x62]) == Array("a\u{FFFD}b".utf8))
        }
    }

    @Test("The bidirectional overrides and isolates become U+FFFD, their neighbours pass")
    func bidirectional() {
        for value in Array(UInt32(0x202A)...0x202E) + Array(0x2066...0x2069) {
            let scalar = Unicode.Scalar(value).map(String.init) ?? ""
            #expect(TerminalSafety.sanitised(scalar) == "\u{FFFD}", "\(value)")
        }
        for neighbour in ["\u{2029}", "\u{202F}", "\u{2065}", "\u{206A}"] {
            #expect(TerminalSafety.sanitised(neighbour) == neighbour)
        }
    }

    @Test("An escape sequence arrives defused")
    func escapeSequence() {
        #expect(TerminalSafety.sanitised("\u{1B}[2J\u{1B}]0;owned\u{7}") == "\u{FFFD}[2J\u{FFFD}]0;owned\u{FFFD}")
    }

    @Test("Well-formed UTF-8 cut at every byte becomes U+FFFD for the part that is there")
    func cutAtEveryByte() {
        for text in ["é", "€", "😀", "\u{7FF}", "\u{FFFF}", "\u{10000}"] {
            let bytes = Array(text.utf8)
            for length in 1..<bytes.count {
                let cut = [0x61] + bytes.prefix(length)
                #expect(sanitised(cut) == Array("a\u{FFFD}".utf8), "\(cut)")
                #expect(sanitised(cut + [0x62]) == Array("a\u{FFFD}b".utf8), "\(cut)")
            }
        }
    }

    @Test("Overlong forms, surrogates and values above U+10FFFF are invalid")
    func illFormed() {
        for bytes: [UInt8] in [
            [0xC0, 0x80], [0xE0, 0x9F, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5],
        ] {
            #expect(sanitised(bytes) == Array(String(repeating: "\u{FFFD}", count: bytes.count).utf8), "\(bytes)")
        }
    }

    @Test("Property: invalid UTF-8 is replaced as Unicode recommends, which Swift's String does too")
    func againstString() {
        var random = SeededGenerator()
        let bytes = Array(UInt8(0x80)...0xFF) + [0x41, 0x20]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...8, using: &random)).map { _ in bytes.randomElement(using: &random) ?? 0 }
            let expected = String(decoding: text, as: UTF8.self).unicodeScalars.map {
                (0x80...0x9F).contains($0.value) || (0x202A...0x202E).contains($0.value)
                    || (0x2066...0x2069).contains($0.value) ? "\u{FFFD}" : $0
            }
            #expect(sanitised(text) == expected.flatMap { Array(String($0).utf8) }, "\(text) \(random)")
        }
    }

    @Test("Property: what comes out is valid, harmless, bounded, and stays as it is")
    func idempotence() {
        var random = SeededGenerator()
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0...64, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
            let safe = sanitised(text)
            #expect(String(validating: safe, as: UTF8.self) != nil, "\(random)")
            #expect(!safe.contains { $0 < 0x20 && $0 != 9 || $0 == 0x7F }, "\(random)")
            #expect(safe.count <= 3 * text.count, "\(random)")
            #expect(sanitised(safe) == safe, "\(random)")
        }
    }
}
