/// What an event loop watches: a listener, or a connection. Called on the loop's thread only.
public protocol EventSource: AnyObject {
    /// Whether its events come before those of strangers, who get what is left of a turn.
    var isEstablished: Bool { get }

    /// The descriptor is ready for something that is of interest, or has hung up.
    func ready()

    /// The deadline that was set for the source has passed.
    func deadlinePassed()
}

/// What an event loop does in each turn between reading and timers.
public protocol EventLoopWork: AnyObject {
    /// Everything readable was handed out.
    func turn()

    /// Whether there is work for which the next turn must not wait.
    var hasWork: Bool { get }

    /// When there is, though nothing happens until then; `nil` where there is none.
    var nextWork: Instant? { get }
}

extension EventLoopWork {
    public var nextWork: Instant? { nil }
}
