public import ChatProtocol
public import FlowControl

/// Decides the order of everything that happens in the chat. Safe on any thread.
///
/// An order's decisions for connections come with their event loop's next ``Effects``.
public protocol Order: AnyObject, Sendable {
    /// The maximum length of a name, in Unicode scalars.
    var maximumNameLength: Int { get }

    /// The rates of typed text and of changes of names.
    var speech: SpeechRates { get }

    /// Sends whole lines to a connection that has no user.
    func reply(_ lines: [UInt8], to connection: ConnectionID)

    /// Sends whole lines to a user, after everything that was decided for it before.
    func reply(_ lines: [UInt8], to user: UserID)

    /// Logs a connection in under a name. Returns `nil` if it cannot have the name; the connection was then told why.
    func login(_ name: Username, for speaker: Speaker, isVerified: Bool, at now: Nanoseconds) -> UserID?

    /// Frees the user's name. Its last line, if it is not empty, comes after everything else that it receives.
    func logout(_ user: UserID, lastLine: [UInt8])

    /// Says a text in the user's room.
    func say(_ text: Span<UInt8>, from user: UserID, _ speaker: Speaker, at now: Nanoseconds) -> Saying

    /// Sends a text to one user, or tells the sender why not. `awaited` is the collection for which the message has waited, if
    /// it has.
    func direct(
        _ text: Span<UInt8>, to receiver: Username, from user: UserID, _ speaker: Speaker, awaited: Int?
    ) -> Saying

    /// Lists the users of the user's room. Returns how many bytes were produced at once, and whether these are all.
    func list(for user: UserID) -> (bytes: Int, isFinished: Bool)
}

/// The sender of a line, and the instant from which on it may send without waiting.
public struct Speaker: Sendable {
    /// The sender's connection.
    public let connection: ConnectionID
    /// The group of connections that share its limits.
    public let group: PeerGroup
    /// The instant from which on its own bucket has tokens.
    public var refill: Nanoseconds = 0
}

/// The outcome of a line.
public enum Saying: Equatable, Sendable {
    /// It was said to so many receivers in a line of so many bytes, or answered by an error. It costs tokens if it was
    /// typed.
    case said(bytes: Int, receivers: Int, isTyped: Bool)
    /// It waits: for receivers, at the latest for tokens at an instant, or until the receiver's event loop has tried to send
    /// everything up to a collection, see ``DirectMessageAccount``.
    case waits(until: Nanoseconds, collection: Int?)
}
