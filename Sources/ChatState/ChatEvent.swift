import ChatProtocol

/// A change to the users in the chat, or a text that a user sends.
///
/// Carries everything that could differ between builds or machines, such as the folded name.
enum ChatEvent: ~Escapable {
    /// A connection takes a name. A verified user takes it back from an unverified one.
    case login(Username, ConnectionID, isVerified: Bool)
    /// A text for the user's room.
    case message(UserID, Span<UInt8>)
    /// A text for one user.
    case direct(UserID, Span<UInt8>, to: UserID, DirectSender)
    /// A user leaves. Its last line, if it is not empty, comes after everything else that it receives.
    case leave(UserID, lastLine: [UInt8])
}
