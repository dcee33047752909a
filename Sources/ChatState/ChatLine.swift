import ChatProtocol

/// A line for others, before it is stored.
enum ChatLine: ~Escapable {
    /// A user's text to the room.
    case message(Username, Span<UInt8>)
    /// A user's text to another user.
    case direct(Username, Span<UInt8>)
    /// A whole line of the server's own.
    case info([UInt8])

    /// In bytes, with its LF.
    var count: Int {
        switch self {
        case .message(let name, let text): Self.count(Self.messageVerb, name, text)
        case .direct(let name, let text): Self.count(Self.directVerb, name, text)
        case .info(let line): line.count
        }
    }

    /// Passes the line to `body`, piece by piece.
    func forEachPiece(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        switch self {
        case .message(let name, let text): Self.forEachPiece(Self.messageVerb, name, text, body)
        case .direct(let name, let text): Self.forEachPiece(Self.directVerb, name, text, body)
        case .info(let line): line.withUnsafeBufferPointer(body)
        }
    }

    private static var messageVerb: StaticString { "MSG " }
    private static var directVerb: StaticString { "DM " }

    private static func count(_ verb: StaticString, _ name: Username, _ text: Span<UInt8>) -> Int {
        verb.utf8CodeUnitCount + name.text.utf8.count + " ".utf8.count + text.count + "\n".utf8.count
    }

    private static func forEachPiece(
        _ verb: StaticString, _ name: Username, _ text: Span<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        verb.withUTF8Buffer(body)
        var name = name.text
        name.withUTF8(body)
        let (space, end): (StaticString, StaticString) = (" ", "\n")
        space.withUTF8Buffer(body)
        text.withUnsafeBufferPointer(body)
        end.withUTF8Buffer(body)
    }
}
