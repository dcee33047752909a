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
        case .message(let name, let text): "MSG  \n".utf8.count + name.text.utf8.count + text.count
        case .direct(let name, let text): "DM  \n".utf8.count + name.text.utf8.count + text.count
        case .info(let line): line.count
        }
    }

    /// Passes the line to `body`, piece by piece.
    func forEachPiece(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        switch self {
        case .message(let name, let text): Self.forEachPiece("MSG ", name, text, body)
        case .direct(let name, let text): Self.forEachPiece("DM ", name, text, body)
        case .info(let line): line.withUnsafeBufferPointer(body)
        }
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
