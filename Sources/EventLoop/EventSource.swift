/// What an event loop watches: a listener, or a connection. Called on the loop's thread only.
public protocol EventSource: AnyObject {
    /// The descriptor is ready for this. If it has hung up or failed, ``Interest/hangUp`` is among it.
    func ready(_ interest: Interest)

    /// The deadline that was set for the source has passed.
    func deadlinePassed()
}

/// What an event loop does in each turn between reading and timers.
public protocol EventLoopWork: AnyObject {
    /// Every source that is ready was told so.
    func turn()

    /// Whether there is work for which the next turn must not wait.
    var hasWork: Bool { get }

    /// When there is, though nothing happens until then; `nil` where there is none.
    var nextWork: Instant? { get }
}

extension EventLoopWork {
    public var nextWork: Instant? { nil }
}
