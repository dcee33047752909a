/// A listener that could not be opened, and why.
public struct ListenError: Error, CustomStringConvertible {
    /// As configured.
    public let url: ListenerURL
    /// The kernel's reason, of socket(2), bind(2) or listen(2), or the resolver's, of getaddrinfo(3).
    public let reason: any Error

    /// One line.
    public var description: String { "cannot listen on \(url): \(reason)" }
}
