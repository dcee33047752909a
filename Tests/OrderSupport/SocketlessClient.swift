public import ChatState
public import FlowControl

/// A client of a ``SocketlessLoop``: its session and its output.
public final class SocketlessClient {
    public let connection: ConnectionID
    public var session: Session
    /// The bytes that it was sent. A test may take them out.
    public var received: [UInt8] = []
    /// Nothing is read from it any more.
    public var hasEnded = false
    /// It reads nothing from the server.
    public var isStalled = false
    /// The outcome of its last line.
    public private(set) var outcome = Session.Outcome.continues(Session.Work())
    var output = Output()

    init(_ connection: ConnectionID, _ session: Session) {
        (self.connection, self.session) = (connection, session)
    }

    /// Says a line, unless it has ended.
    public func say(_ line: [UInt8], at now: Nanoseconds) {
        guard !hasEnded else { return }
        outcome = session.receive(line.span, at: now)
        hasEnded = outcome == .ends
    }
}
