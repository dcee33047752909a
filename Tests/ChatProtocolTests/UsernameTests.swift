import TestSupport
import Testing

@testable import ChatProtocol

struct UsernameTests {
    @Test(
        "Letters and digits of any script, marks behind them, and _ - .",
        arguments: [
            "a", "Alice", "bob_2", "x-y.z", "...", "Ægir", "Łukasz", "Мария", "李小龍", "محمد", "श्रीनिवास", "さくら", "٣",
            "e\u{301}", String(repeating: "x", count: 32), String(repeating: "語", count: 32),
        ])
    func valid(_ text: String) {
        #expect(Username(text) != nil)
    }

    @Test(
        "Anything else is no name",
        arguments: [
            "", " ", "a b", "a\tb", "a!", "@a", "a/b", "<a>", "a\u{FFFD}", "a\0", "\u{301}a", "_\u{301}", "😀",
            "a\u{200D}b",
            "a\u{200B}", "½", "Ⅷ", "\u{3164}", "\u{115F}\u{1160}", String(repeating: "x", count: 33),
            String(repeating: "x", count: 4_096), "a" + String(repeating: "\u{301}", count: 33),
        ])
    func invalid(_ text: String) {
        #expect(Username(text) == nil)
    }

    @Test(
        "A name is kept in NFC, in the case it was given",
        arguments: [
            ("Ame\u{301}lie", "Am\u{E9}lie"), ("\u{AC00}\u{11A8}", "\u{AC01}"), ("a\u{301}\u{323}", "\u{1EA1}\u{301}"),
        ])
    func composed(_ given: String, _ kept: String) {
        #expect(Username(given)?.text.unicodeScalars.elementsEqual(kept.unicodeScalars) == true)
    }

    @Test("32 characters count as composed")
    func lengthAfterComposition() {
        #expect(Username(String(repeating: "e\u{301}", count: 32)) != nil)
        #expect(Username(String(repeating: "e\u{301}", count: 33)) == nil)
        // ᾂ is four scalars in its decomposed form.
        #expect(Username(String(repeating: "α\u{313}\u{300}\u{345}", count: 32)) != nil)
    }

    @Test(
        "Two spellings of the same name",
        arguments: [
            ("Bob", "bOB"), ("Amélie", "AME\u{301}LIE"), ("straße", "STRASSE"), ("ẞ", "ss"), ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
            ("ﬁn", "FIN"), ("Ａｌｉｃｅ", "alice"), ("K", "\u{212A}"), ("Ångström", "\u{212B}ngström"), ("Ꭰ", "ꭰ"),
            ("İ", "i\u{307}"), ("ŉ", "ʼN"), ("ᾳ", "ΑΙ"), ("葛", "葛\u{E0100}"), ("x²", "X2"), ("ǰ", "J\u{30C}"),
        ])
    func same(_ pair: (String, String)) {
        #expect(Username.Key(pair.0) == Username.Key(pair.1))
    }

    @Test(
        "Names that only look alike differ",
        arguments: [("bob", "b0b"), ("a", "á"), ("ı", "i"), ("ı", "I"), ("а", "a"), ("a.b", "a-b")])
    func different(_ pair: (String, String)) {
        #expect(Username.Key(pair.0) != Username.Key(pair.1))
    }

    @Test("Equal names are equal values")
    func equality() throws {
        #expect(Set([try #require(Username("Bob")), try #require(Username("BOB"))]).count == 1)
    }

    @Test("Property: every scalar has the key of its upper-cased, lower-cased and decomposed forms")
    func caseInsensitivity() {
        for value in UInt32(0)...0x1_FFFF {
            guard let scalar = Unicode.Scalar(value), scalar.properties.isAlphabetic, value != 0x131 else { continue }
            let key = Username.Key(String(scalar))
            #expect(key == Username.Key(scalar.properties.uppercaseMapping), "\(scalar.escaped(asASCII: true))")
            #expect(key == Username.Key(scalar.properties.lowercaseMapping), "\(scalar.escaped(asASCII: true))")
            #expect(key == Username.Key(scalar.properties.titlecaseMapping), "\(scalar.escaped(asASCII: true))")
        }
    }
}
