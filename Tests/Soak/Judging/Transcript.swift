import DequeModule

/// The one stream of public lines that all who are in the room are to get, as far as anybody has got it.
///
/// The first reader to get to its end extends it; all others must get the same lines at the same place. Pure.
final class Transcript {
    /// Somebody who gets the lines that come behind its own login.
    final class Reader {
        let name: String
        /// The place of the next line; `nil` before the login's own line is in the transcript.
        fileprivate(set) var place: Int?
        /// Who is there, up to that place.
        fileprivate(set) var roster = Roster()
        /// Called when the place is known.
        var placed: () -> Void = {}
        /// No line before this place concerns it.
        fileprivate let floor: Int
        /// The places of lines that it did not get, though it got later ones.
        fileprivate var missing: Set<Int> = []

        fileprivate init(_ name: String, floor: Int) {
            self.name = name
            self.floor = floor
        }
    }

    private struct Line {
        let bytes: [UInt8]
        let content: ServerLine
    }

    /// How many lines are kept that everybody has got, to tell a line that comes twice from one that never was.
    private static let kept = 1_000

    /// How many lines have been compared, each with each reader.
    private(set) var checked = 0
    /// Who is there at the transcript's end.
    private(set) var roster = Roster()

    private let violations: Violations
    private var lines: Deque<Line> = []
    /// The place of the first line that is kept.
    private var start = 0
    private var readers: [ObjectIdentifier: Reader] = [:]
    /// Those who are about to log in, and are not readers.
    private var announced: Set<String> = []
    /// The number of each sender's last message.
    private var numbers: [String: Int] = [:]
    /// Numbers that a sender's later message came before.
    private var skipped: [String: Set<Int>] = [:]

    init(_ violations: Violations) {
        self.violations = violations
    }

    /// The place behind the last line.
    var end: Int { start + lines.count }

    /// The last line of all.
    var last: ServerLine? { lines.last?.content }

    // MARK: Readers

    /// Somebody is about to log in, and reads what comes behind that.
    func addReader(_ name: String) -> Reader {
        let reader = Reader(name, floor: end)
        readers[ObjectIdentifier(reader)] = reader
        return reader
    }

    /// Somebody logs in of whom it is not known what it reads.
    func announce(_ name: String) {
        announced.insert(name)
    }

    /// The very first one has logged in, which nobody was there to see.
    func begin(with reader: Reader) {
        apply(.joined(reader.name))
        place(reader)
    }

    /// Reads nothing any more, or was not let in.
    func remove(_ reader: Reader) {
        readers[ObjectIdentifier(reader)] = nil
    }

    // MARK: Lines

    /// A reader whose place is known has got a line. Returns what it says if it is a public one, otherwise `nil`.
    func read(_ bytes: [UInt8], by reader: Reader) -> ServerLine? {
        guard let place = reader.place else { return nil }
        if place < end, lines[place - start].bytes == bytes {
            advance(reader, to: place + 1)
            return lines[place - start].content
        }
        let line = Line(bytes: bytes, content: ServerLine(bytes))
        guard line.content.isPublic else { return nil }
        if place == end, isPlausible(line.content, roster) {
            append(line)
            advance(reader, to: place + 1)
        } else {
            reconcile(line, reader, at: place)
        }
        return line.content
    }

    private func append(_ line: Line) {
        noteNumber(of: line)
        lines.append(line)
        apply(line.content)
        if case .joined(let name) = line.content { placeReaders(named: name) }
        if lines.count.isMultiple(of: Self.kept) { trim() }
    }

    /// Whether a line may come next where these are there.
    private func isPlausible(_ line: ServerLine, _ roster: Roster) -> Bool {
        switch line {
        case .joined(let name): !roster.contains(name) && isExpected(name)
        case .disconnected(let name): roster.contains(name)
        case .message(let sender, let text):
            roster.contains(sender) && NumberedText(text).map { $0.number > numbers[sender, default: 0] } ?? false
        default: true
        }
    }

    private func isExpected(_ name: String) -> Bool {
        announced.contains(name) || readers.values.contains { $0.name == name && $0.place == nil }
    }

    private func apply(_ line: ServerLine) {
        roster.apply(line)
        switch line {
        case .joined(let name):
            announced.remove(name)
            numbers[name] = 0
        case .disconnected(let name):
            numbers[name] = nil
            skipped[name] = nil
        default: break
        }
    }

    private func noteNumber(of line: Line) {
        guard case .message(let sender, let text) = line.content, let message = NumberedText(text) else { return }
        let last = numbers[sender, default: 0]
        if message.number > last + 1 {
            let gap = last + 1..<message.number
            violations.note(.lost, count: gap.count, "\(sender)'s \(gap.lowerBound) to \(gap.upperBound - 1)")
            skipped[sender, default: []].formUnion(gap)
        }
        numbers[sender] = message.number
    }

    private func placeReaders(named name: String) {
        for reader in readers.values where reader.name == name && reader.place == nil { place(reader) }
    }

    private func place(_ reader: Reader) {
        reader.place = end
        reader.roster = roster
        reader.placed()
    }

    private func advance(_ reader: Reader, to place: Int) {
        checked += 1
        reader.roster.apply(lines[place - 1 - start].content)
        reader.place = place
    }

    // MARK: Lines at the wrong place

    private func reconcile(_ line: Line, _ reader: Reader, at place: Int) {
        let text = String(decoding: line.bytes, as: UTF8.self)
        if let later = find(line, in: place..<end) {
            violations.note(
                .lost, count: later - place, "\(reader.name) got “\(text)” before “\(self.text(at: place))”")
            for missed in place..<later {
                reader.missing.insert(missed)
                reader.roster.apply(lines[missed - start].content)
            }
            advance(reader, to: later + 1)
        } else if let earlier = reader.missing.sorted().first(where: { holds(line, at: $0) }) {
            reader.missing.remove(earlier)
            violations.changeLostToMisordered("\(reader.name) got “\(text)” late")
        } else if wasLostByOthers(line.content, reader) {
            insert(line, at: place, for: reader)
        } else if find(line, in: start..<place) != nil {
            violations.note(.duplicated, "\(reader.name) got “\(text)” again")
        } else {
            let isGhost = isOfNobody(line.content, reader.roster)
            violations.note(isGhost ? .ghost : .unexpected, "\(reader.name) got “\(text)”")
        }
    }

    private func isOfNobody(_ line: ServerLine, _ roster: Roster) -> Bool {
        switch line {
        case .message(let name, _), .disconnected(let name): !roster.contains(name)
        case .joined(let name): !isExpected(name)
        default: false
        }
    }

    /// Whether those who have got on further did so without a line that this reader has got.
    private func wasLostByOthers(_ line: ServerLine, _ reader: Reader) -> Bool {
        switch line {
        case .message(let sender, let text):
            NumberedText(text).map { skipped[sender]?.contains($0.number) ?? false } ?? false
        case .disconnected(let name): reader.roster.contains(name) && roster.contains(name)
        case .joined(let name): isExpected(name)
        default: false
        }
    }

    private func insert(_ line: Line, at place: Int, for reader: Reader) {
        lines.insert(line, at: place - start)
        if case .message(let sender, let text) = line.content, let message = NumberedText(text) {
            // Was counted when it was skipped.
            skipped[sender]?.remove(message.number)
        } else {
            violations.note(.lost, "“\(String(decoding: line.bytes, as: UTF8.self))”, which \(reader.name) got")
        }
        apply(line.content)
        for other in readers.values where other !== reader {
            other.missing = Set(other.missing.map { $0 >= place ? $0 + 1 : $0 })
            guard let otherPlace = other.place, otherPlace > place else { continue }
            other.missing.insert(place)
            other.place = otherPlace + 1
        }
        advance(reader, to: place + 1)
        if case .joined(let name) = line.content { placeReaders(named: name) }
    }

    private func find(_ line: Line, in places: Range<Int>) -> Int? {
        places.first { holds(line, at: $0) }
    }

    private func holds(_ line: Line, at place: Int) -> Bool {
        place >= start && place < end && lines[place - start].bytes == line.bytes
    }

    private func text(at place: Int) -> String { String(decoding: lines[place - start].bytes, as: UTF8.self) }

    private func trim() {
        let slowest = readers.values.map { $0.place ?? $0.floor }.min() ?? end
        let surplus = slowest - Self.kept - start
        guard surplus > 0 else { return }
        lines.removeFirst(surplus)
        start += surplus
        for reader in readers.values { reader.missing = reader.missing.filter { $0 >= start } }
    }
}
