import ChatTransport
import EventLoop
import SystemPackage

/// How a connection has ended, as its client sees it.
enum Ending: Equatable {
    /// In order: with close_notify where TLS is spoken.
    case orderly
    /// Without close_notify, where TLS is spoken.
    case truncated
    case reset
    case failed(String)

    init(_ error: TransportError) {
        switch error {
        case .truncated: self = .truncated
        case .socket(let error) where [.connectionReset, .brokenPipe].contains(error.reason): self = .reset
        default: self = .failed("\(error)")
        }
    }
}
