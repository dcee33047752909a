/// The kernel's list of descriptors that an event loop waits on, level-triggered.
///
/// Confined to the loop's thread.
package protocol Poller: AnyObject {
    /// Watches a descriptor, which is ready under the name `token`.
    func add(_ descriptor: CInt, _ interest: Interest, token: Token) throws(SystemCallError)

    /// Changes what a watched descriptor is watched for.
    func modify(_ descriptor: CInt, _ interest: Interest, token: Token) throws(SystemCallError)

    /// Stops watching, if it is watched; to be called before the descriptor is closed.
    func remove(_ descriptor: CInt)

    /// Waits until a descriptor is ready for what is of interest, or has hung up, or the time is up (-1: for ever; 0: not
    /// at all), and appends who is ready for what. A signal ends the wait with nothing ready.
    func wait(milliseconds: CInt, into ready: inout [Readiness]) throws(SystemCallError)
}

/// A descriptor that is ready, by its token.
package struct Readiness {
    let token: Token
    let interest: Interest

    /// The token's descriptor is ready for this.
    package init(token: Token, interest: Interest) {
        self.token = token
        self.interest = interest
    }
}

/// Which of the kernel's interfaces an event loop waits with.
public enum PollerKind: Sendable, CaseIterable {
    /// epoll(7): the time of a wait does not grow with the number of idle connections.
    case epoll
    /// poll(2): portable; the time of a wait grows with the number of connections.
    case poll

    func make() throws(SystemCallError) -> any Poller {
        switch self {
        case .epoll: try EpollPoller()
        case .poll: PollPoller()
        }
    }
}
