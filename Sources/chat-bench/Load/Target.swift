import ArgumentParser
import ChatTransport
import EventLoop
import FoundationEssentials

/// Where the server is: `plain://127.0.0.1:4000`, `tls://localhost:4433`.
struct Target: ExpressibleByArgument {
    let text: String
    let isTLS: Bool
    /// A name or a numeric address, without brackets.
    let host: String
    let port: UInt16

    init?(argument text: String) {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), ["plain", "tls"].contains(scheme),
            let host = url.host(), let port = url.port.flatMap({ UInt16(exactly: $0) }), url.path.isEmpty
        else { return nil }
        self.text = text
        self.host = host.trimmingBrackets
        self.port = port
        isTLS = scheme == "tls"
    }
}

extension String {
    fileprivate var trimmingBrackets: String {
        hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self
    }
}
