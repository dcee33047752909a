import ChatProtocol
import FuzzSupport

/// What a decoder found, in a form to compare.
enum Found: Equatable {
    case line([UInt8])
    case tooLong
}

/// What a decoder finds in a stream that ends, when its receiver pauses at some of the events.
struct Reception {
    /// As short as a configuration may have it, so that short streams reach it.
    static let maximumLineLength = 64

    private(set) var found: [Found] = []

    /// - Parameter pauses: for eight events in turn, a bit each, whether the receiver has had enough.
    init(of chunks: [[UInt8]], pausing pauses: UInt8 = 0) {
        var decoder = LineDecoder(maximumLineLength: Self.maximumLineLength)
        for (index, chunk) in chunks.enumerated() {
            decoder.decode(chunk.span) { take($0, pauses) }
            // Every beginning of a stream is a stream of its own: it is enough to look at the end, as it takes time.
            if index == chunks.count - 1 { checkKept(by: decoder, since: chunk.count) }
            while decoder.isPaused { decoder.resume { take($0, pauses) } }
        }
        checkKept(by: decoder, since: 0)
        decoder.finish { take($0, 0) }
    }

    private mutating func take(_ event: borrowing LineDecoder.Event, _ pauses: UInt8) -> LineDecoder.Demand {
        switch event {
        case .line(let line):
            require(line.count <= Self.maximumLineLength, "No line is above the maximum")
            found.append(.line(line.withUnsafeBufferPointer { Array($0) }))
        case .lineTooLong: found.append(.tooLong)
        }
        return pauses & 1 << UInt8(found.count % 8) == 0 ? .more : .pause
    }

    /// - Parameter count: how many bytes have come while the decoder was paused, or may be.
    private func checkKept(by decoder: LineDecoder, since count: Int) {
        // A decoder tells nobody what it keeps.
        guard let kept = Mirror(reflecting: decoder).descendant("kept") as? [UInt8] else {
            return require(false, "A decoder keeps bytes")
        }
        let unfinished = Self.maximumLineLength + 1
        require(kept.count <= unfinished + (decoder.isPaused ? count : 0), "No more is kept than what was asked for")
    }
}
