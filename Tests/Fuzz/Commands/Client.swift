import ChatState
import OrderSupport

/// One connection: what it has received, as its server would have sent it, and what it must have received.
final class Client {
    let end: SocketlessClient
    /// The names in its certificate, if it has one.
    let owned: [String]?
    var expected: [UInt8] = []
    /// LOGINs that it may still send at once.
    var logins = 10

    init(_ end: SocketlessClient, owning owned: [String]?) {
        self.end = end
        self.owned = owned
        if let owned { end.session.identify(by: owned) }
    }
}
