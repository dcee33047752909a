import ChatProtocol
import TestSupport
import Testing

/// How the network cuts a stream into chunks.
enum Delivery: CaseIterable {
    case whole, bytewise, random

    func chunks(of bytes: [UInt8], _ random: inout SeededGenerator) -> [[UInt8]] {
        switch self {
        case .whole: [bytes]
        case .bytewise: bytes.map { [$0] }
        case .random: random.chunks(of: bytes, upTo: 9)
        }
    }
}

/// What a decoder found, in a form to compare.
enum Found: Equatable, CustomStringConvertible {
    case line([UInt8])
    case tooLong

    init(_ event: borrowing LineDecoder.Event) {
        switch event {
        case .line(let line): self = .line(line.withUnsafeBufferPointer { Array($0) })
        case .lineTooLong: self = .tooLong
        }
    }

    var description: String {
        switch self {
        case .line(let bytes): "line(\(String(decoding: bytes, as: UTF8.self).debugDescription))"
        case .tooLong: "too long"
        }
    }
}

/// What a decoder finds in a stream that ends, when the receiver asks for `pause` at every n-th event.
func decode(_ chunks: [[UInt8]], pausingEvery pause: Int = .max) -> [Found] {
    var decoder = LineDecoder()
    var found: [Found] = []
    func receive(_ event: borrowing LineDecoder.Event) -> LineDecoder.Demand {
        found.append(Found(event))
        return found.count.isMultiple(of: pause) ? .pause : .more
    }
    for chunk in chunks {
        decoder.decode(chunk.span, receive)
        while decoder.isPaused { decoder.resume(receive) }
    }
    decoder.finish(receive)
    return found
}

func decode(_ text: String, _ delivery: Delivery = .whole) -> [String] {
    var random = SeededGenerator()
    return decode(delivery.chunks(of: Array(text.utf8), &random)).map { found in
        switch found {
        case .line(let bytes): String(decoding: bytes, as: UTF8.self)
        case .tooLong: "<too long>"
        }
    }
}

struct LineDecoderTests {
    @Test("A line ends at LF, and one CR before it is dropped", arguments: Delivery.allCases)
    func terminators(_ delivery: Delivery) {
        #expect(decode("one\ntwo\r\nthree\r\r\n\n\r\n", delivery) == ["one", "two", "three\r", "", ""])
    }

    @Test("NUL and a CR inside a line are kept for the sanitiser", arguments: Delivery.allCases)
    func controls(_ delivery: Delivery) {
        #expect(decode("a\0b\rc\n", delivery) == ["a\0b\rc"])
    }

    @Test("At the end of input a last line without LF counts", arguments: Delivery.allCases)
    func lastLine(_ delivery: Delivery) {
        #expect(decode("one\ntwo", delivery) == ["one", "two"])
        #expect(decode("one\r", delivery) == ["one"])
        #expect(decode("one\n", delivery) == ["one"])
        #expect(decode("", delivery) == [])
    }

    @Test("A line of 4,096 bytes is whole, with LF, CR LF or the end behind it", arguments: Delivery.allCases)
    func longest(_ delivery: Delivery) {
        let longest = String(repeating: "x", count: 4_096)
        #expect(decode(longest + "\n" + longest + "\r\n" + longest, delivery) == [longest, longest, longest])
    }

    @Test(
        "A longer line is told once, and discarded up to its LF", arguments: Delivery.allCases, [4_097, 5_000, 20_000])
    func tooLong(_ delivery: Delivery, length: Int) {
        let long = String(repeating: "x", count: length)
        #expect(decode("a\n\(long)\nb\n\(long)\r\nc", delivery) == ["a", "<too long>", "b", "<too long>", "c"])
        #expect(decode("\(long)", delivery) == ["<too long>"])
    }

    @Test("A CR that the limit is reached with belongs to the line unless LF follows", arguments: Delivery.allCases)
    func carriageReturnAtTheLimit(_ delivery: Delivery) {
        let longest = String(repeating: "x", count: 4_096)
        #expect(decode("\(longest)\rx\nnext\n", delivery) == ["<too long>", "next"])
        #expect(decode("\(longest)\r\r\nnext\n", delivery) == ["<too long>", "next"])
    }

    @Test(
        "The end of the stream makes text of a 0xFF, which counts as any byte does", arguments: Delivery.allCases,
        [4_095, 4_096])
    func commandAtTheLimit(_ delivery: Delivery, length: Int) {
        var random = SeededGenerator()
        let stream = [UInt8](repeating: 0x78, count: length) + [255]
        let isWithinLimit = stream.count <= LineDecoder.maximumLineLength
        #expect(decode(delivery.chunks(of: stream, &random)) == [isWithinLimit ? .line(stream) : .tooLong])
    }

    @Test("A line without end is told once")
    func endless() {
        var decoder = LineDecoder()
        var events = 0
        for _ in 0..<100_000 {
            decoder.decode([UInt8](repeating: 0x78, count: 100).span) { _ in
                events += 1
                return .more
            }
        }
        #expect(events == 1)
        #expect(!decoder.isPaused)
    }

    @Test("Telnet negotiation is removed, whatever it is cut into", arguments: Delivery.allCases)
    func telnet(_ delivery: Delivery) {
        func line(_ bytes: [UInt8]) -> [Found] {
            var random = SeededGenerator()
            return decode(delivery.chunks(of: bytes, &random))
        }
        let hi = Found.line(Array("hi".utf8))
        // IAC WILL ECHO, IAC DONT SUPPRESS-GO-AHEAD
        #expect(line([255, 251, 1, 0x68, 255, 254, 3, 0x69, 10]) == [hi])
        // IAC NOP, IAC AYT
        #expect(line([0x68, 255, 241, 0x69, 255, 246, 10]) == [hi])
        // IAC SB NAWS 80x10 IAC SE: the window's height is an LF
        #expect(line([0x68, 255, 250, 31, 0, 80, 0, 10, 255, 240, 0x69, 10]) == [hi])
        // The option's number is an LF
        #expect(line([0x68, 255, 251, 10, 0x69, 10]) == [hi])
        // IAC IAC is an escaped 0xFF, also inside a subnegotiation
        #expect(line([255, 255, 10]) == [.line([255])])
        #expect(line([0x68, 255, 250, 1, 255, 255, 2, 255, 240, 0x69, 10]) == [hi])
        // No telnet command: 0xFF is text, and so is what follows, if anything
        #expect(line([0x68, 255]) == [.line([0x68, 255])])
        #expect(line([255, 0x68, 10]) == [.line([255, 0x68])])
        #expect(line([255, 10, 0x68, 0x69, 10]) == [.line([255]), hi])
    }

    @Test(
        "A subnegotiation that never ends does not swallow the chat", arguments: [[0x78], [255, 255], [0x78, 255, 1]])
    func endlessSubnegotiation(_ pattern: [UInt8]) {
        let flood = (0..<100_000).map { pattern[$0 % pattern.count] }
        let found = decode([[255, 250] + flood + Array("\nhi\n".utf8)])
        #expect(found.last == .line(Array("hi".utf8)))
    }

    @Test(
        "4,096 bytes of a subnegotiation are the most that is not text, IAC at their end or not",
        arguments: [0x78, 255])
    func longestSubnegotiation(_ last: UInt8) {
        let flood = [255, 250] + [UInt8](repeating: 0x78, count: 4_095) + [last] + Array("ab\nhi\n".utf8)
        let rest = last == 255 ? "b" : "ab"
        #expect(decode([flood]) == [.line(Array(rest.utf8)), .line(Array("hi".utf8))])
    }

    @Test("A paused decoder keeps what follows for later, in order", arguments: 1...4)
    func pausing(every pause: Int) {
        let stream = Array("one\ntwo\r\n\nfour\nfive".utf8)
        #expect(decode([stream], pausingEvery: pause) == decode([stream]))
    }

    @Test("Property: how the stream is cut and where the receiver pauses changes nothing")
    func chunkInvariance() {
        var random = SeededGenerator()
        let alphabet: [UInt8] = [10, 10, 13, 0, 0x41, 0x42, 0xC3, 0xA9, 255, 255, 250, 240, 251, 1]
        for _ in 0..<500 {
            let stream = (0..<Int.random(in: 0...200, using: &random)).flatMap { _ -> [UInt8] in
                Int.random(in: 0..<60, using: &random) == 0
                    ? Array(repeating: 0x41, count: .random(in: 4_000...4_200, using: &random))
                    : [alphabet.randomElement(using: &random) ?? 0]
            }
            let whole = decode([stream])
            #expect(decode(random.chunks(of: stream, upTo: 300)) == whole, "\(random)")
            #expect(decode(random.chunks(of: stream, upTo: 3), pausingEvery: 2) == whole, "\(random)")
        }
    }

    @Test("Property: without telnet bytes, the lines are those of a plain split")
    func againstSplit() {
        var random = SeededGenerator()
        for _ in 0..<500 {
            let stream: [UInt8] = (0..<Int.random(in: 0...100, using: &random)).map { _ in
                [10, 13, 0, 0x41, 0xC3].randomElement(using: &random) ?? 10
            }
            var expected = stream.split(separator: 10, omittingEmptySubsequences: false).map { line in
                Found.line(Array(line.last == 13 ? line.dropLast() : line))
            }
            // Behind the last LF there is a line only if there are bytes.
            if stream.isEmpty || stream.last == 10 { expected.removeLast() }
            #expect(decode(random.chunks(of: stream, upTo: 7)) == expected, "\(random)")
        }
    }
}
