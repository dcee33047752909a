/// A text that says which of its sender's it is, so that a missing one is noticed.
struct NumberedText: Equatable {
    /// Stands in every text, so that one in the server's log is noticed.
    static let marker = "soaking"

    /// From 1 on.
    let number: Int
    let text: String

    /// - Parameter length: of what stands behind the number.
    init(number: Int, length: Int = 0) {
        self.number = number
        text = "\(Self.marker) \(number)" + (length > 0 ? " " + String(repeating: "~", count: length) : "")
    }

    /// `nil` for a text that is not a numbered one.
    init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2 || words.count == 3 && words[2].utf8.allSatisfy({ $0 == UInt8(ascii: "~") }),
            words[0] == Self.marker, let number = Int(words[1]), number > 0
        else { return nil }
        self.number = number
        self.text = text
    }
}
