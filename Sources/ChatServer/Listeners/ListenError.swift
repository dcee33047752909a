public import EventLoop

/// A listener that could not be opened, and why.
public struct ListenError: Error, CustomStringConvertible {
    /// Whose reason it is.
    public enum Reason: Error {
        /// The kernel's: that of socket(2), bind(2) or listen(2).
        case socket(SystemCallError)
        /// The resolver's: getaddrinfo(3).
        case name(ResolutionError)
    }

    /// As configured.
    public let url: ListenerURL
    /// Why it could not be opened.
    public let reason: Reason

    /// One line.
    public var description: String {
        switch reason {
        case .socket(let error): "cannot listen on \(url): \(error.reason)"
        case .name(let error): "cannot listen on \(url): \(error)"
        }
    }
}
