import ChatProtocol

/// Something that changes who is in the chat, or that is said in it.
///
/// Carries everything that could differ between builds or machines, such as the folded name.
enum ChatEvent: ~Escapable {
    /// A connection takes a name. A verified user takes it back from an unverified one.
    case login(Username, ConnectionID, isVerified: Bool)
    /// A line for the user's room: its beginning, then its text.
    case message(UserID, prefix: [UInt8], text: Span<UInt8>)
    /// A line for one user.
    case direct(UserID, prefix: [UInt8], text: Span<UInt8>, receiver: UserID, sender: DirectSender)
    /// A user leaves. Its last line, if it is not empty, comes after everything else that it receives.
    case leave(UserID, lastLine: [UInt8])
}
