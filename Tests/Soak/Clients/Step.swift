/// What a scripted client does, or waits for.
enum Step {
    /// Says lines whose replies are expected from here on.
    case say([Utterance])
    /// Sends bytes that are no such lines, and lead to these ERR lines.
    case send([UInt8], errors: [String] = [])
    /// Sends bytes beneath TLS.
    case inject([UInt8])
    /// Sends one byte at a time beneath TLS, until the server ends it.
    case drip([UInt8], every: Duration)
    /// Waits until everything that was said is answered.
    case answered
    /// Waits until the server has said anything.
    case hear
    case pause(Duration)
    case read(Link.Reading)
    /// Tells the server that nothing follows.
    case finishSending
    /// Ends the stream without the end that TLS prescribes.
    case cut
    /// Is gone without a word.
    case close
    case reset
    /// From here on the server may end the connection, behind one of these ERR lines or behind none.
    case mayEnd(behind: Set<String>)
    /// Waits for the server's end of the connection.
    case end(Answer = .any, in: Manner = .order)
    /// Connects again, under the same name.
    case reconnect

    /// What has come on a connection, from its beginning to its end.
    enum Answer {
        case any
        case exactly([UInt8])
        /// Nothing but whole ERR lines, at least one.
        case errors
    }

    /// In what way a connection ends.
    enum Manner {
        case order
        /// Also with a reset, or with an alert of TLS.
        case any
    }
}

/// What a scripted client does next; `nil` at its end.
typealias Script = AnyIterator<Step>
