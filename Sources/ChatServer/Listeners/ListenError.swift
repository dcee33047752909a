public import EventLoop

/// A listener that could not be opened, and why.
public struct ListenError: Error, CustomStringConvertible {
    public enum Reason: Error {
        case socket(SystemCallError)
        case name(ResolutionError)
    }

    public let url: ListenerURL
    public let reason: Reason

    public var description: String {
        switch reason {
        case .socket(let error): "cannot listen on \(url): \(error.reason)"
        case .name(let error): "cannot listen on \(url): \(error)"
        }
    }
}
