/// How far the connection has come. It only ever moves forward.
enum ConnectionState {
    /// The transport's handshake is under way.
    case establishing
    /// Lines are read.
    case open
    /// The session has ended. Nothing more is read; what is owed is being sent.
    case draining
    /// Everything is sent, and the transport tells the peer so.
    case closing
    /// The peer's input is discarded until its end: closing a socket with unread input would reset the connection,
    /// and take from the peer what it has not read yet.
    case lingering
    case closed
}
