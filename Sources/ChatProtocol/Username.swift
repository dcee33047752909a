import Foundation

/// A valid username, as its user wrote it.
///
/// Letters and digits of any script, combining marks behind them, `_`, `-`, `.`.
/// Two names with equal keys are the same name. Source: PROTOCOL.md, "Usernames"; Unicode Standard Annex 15 for NFC.
public struct Username: Hashable, Sendable {
    /// In Unicode scalars, after NFC, if nobody says otherwise.
    public static let maximumLength = 32

    /// The name in NFC.
    public let text: String

    /// What the name is compared by.
    public let key: Key

    /// A name without what does not tell it from others, as Unicode's `toNFKC_Casefold` (section 3.13, R5) defines it.
    public struct Key: Hashable, Sendable {
        private let folded: String

        /// The key of any text, valid as a name or not. Takes time for a long one.
        init(_ text: String) {
            folded = text.isASCII ? text.lowercased() : text.compatibilityCaseFolded
        }

        fileprivate var isEmpty: Bool { folded.isEmpty }
    }

    /// `nil` where `text` is not a valid name, of 1 to `maximumLength` Unicode scalars after NFC: a name of base letters
    /// below a tower of combining marks is a long name.
    public init?(_ text: String, maximumLength: Int = Self.maximumLength) {
        // Before the normalisation, which costs more than the count. NFC makes one scalar of at most four.
        guard !text.isEmpty, text.unicodeScalars.count <= 4 * maximumLength else { return nil }
        let composed = text.isASCII ? text : text.composed
        guard composed.unicodeScalars.count <= maximumLength, Self.isWellFormed(composed) else { return nil }
        let key = Key(composed)
        // A name made of letters that no terminal shows, such as U+3164 HANGUL FILLER.
        guard !key.isEmpty else { return nil }
        self.text = composed
        self.key = key
    }

    private static func isWellFormed(_ text: String) -> Bool {
        var mayTakeMark = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9": mayTakeMark = true
            case "_", "-", ".": mayTakeMark = false
            default:
                switch scalar.properties.generalCategory {
                case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
                    .decimalNumber:
                    mayTakeMark = true
                case .nonspacingMark, .spacingMark, .enclosingMark:
                    guard mayTakeMark else { return false }
                default: return false
                }
            }
        }
        return true
    }

    /// Whether two spellings are the same name.
    public static func == (left: Self, right: Self) -> Bool { left.key == right.key }

    public func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

extension String {
    /// In NFC, then, and folded by its upper case letters alone.
    fileprivate var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }

    /// In NFC. By way of NFD: of what is not decomposed, Foundation leaves a Hangul syllable and its last consonant apart.
    fileprivate var composed: String { decomposedStringWithCanonicalMapping.precomposedStringWithCanonicalMapping }

    fileprivate var compatibilityCaseFolded: String {
        let folded = decomposedStringWithCanonicalMapping.caseFolded
        let compatible = folded.decomposedStringWithCompatibilityMapping.caseFolded
        var visible = String.UnicodeScalarView()
        visible.append(contentsOf: compatible.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint })
        return String(visible).precomposedStringWithCompatibilityMapping
    }

    /// Unicode's full case folding, but that Cherokee folds to its small letters.
    private var caseFolded: String {
        var folded = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar == "\u{131}" {
                // Dotless i folds to itself, though its upper case is that of i.
                folded.append(scalar)
            } else {
                for upper in scalar.properties.uppercaseMapping.unicodeScalars {
                    folded.append(contentsOf: upper.properties.lowercaseMapping.unicodeScalars)
                }
            }
        }
        return String(folded)
    }
}
