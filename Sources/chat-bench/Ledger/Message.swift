/// The text of a line of the load: `|<run>|<sender>|<sequence>|xxx…`, wherever in the line the protocol puts it.
///
/// Nothing else in a line holds the separator: no protocol has it in its own words, and no username may.
struct Message: Equatable {
    static let separator = UInt8(ascii: "|")

    /// Among the senders of the run, from 0 on.
    let sender: Int
    /// Among the sender's lines, from 0 on.
    let sequence: Int

    init(sender: Int, sequence: Int) {
        self.sender = sender
        self.sequence = sequence
    }

    /// `nil` where the line is not one of this run.
    init?(_ line: UnsafeRawBufferPointer, run: UInt32) {
        var fields = line.split(separator: Self.separator, omittingEmptySubsequences: false).dropFirst()
        guard let first = fields.popFirst(), Self.number(first) == Int(run),
            let second = fields.popFirst(), let sender = Self.number(second),
            let third = fields.popFirst(), let sequence = Self.number(third)
        else { return nil }
        self.init(sender: sender, sequence: sequence)
    }

    /// The text, of `size` bytes at least.
    func text(run: UInt32, size: Int) -> [UInt8] {
        var text = Array("|\(run)|\(sender)|\(sequence)|".utf8)
        while text.count < size { text.append(UInt8(ascii: "x")) }
        return text
    }

    /// A text behind which the lines of the run begin.
    static func marker(of run: UInt32) -> [UInt8] { Array("|\(run)|start|".utf8) }

    static func isMarker(_ line: UnsafeRawBufferPointer, of run: UInt32) -> Bool {
        guard let start = line.firstIndex(of: separator) else { return false }
        return line[start...].starts(with: marker(of: run))
    }

    private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard !digits.isEmpty, digits.count < 19 else { return nil }
        var number = 0
        for digit in digits {
            guard case UInt8(ascii: "0")...UInt8(ascii: "9") = digit else { return nil }
            number = number * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return number
    }
}
