import ChatTransport
import EventLoop

/// How clients get to the server: its address, their own addresses, and what they speak on the way.
struct Route {
    /// A little less than what Linux has for connections between two addresses.
    private static let connectionsPerSource = 20_000
    private static let sources: ClosedRange<UInt8> = 2...32

    let target: Target
    let security: TLSClientContext?
    private let address: SocketAddress

    /// Resolves the server's name. `authorities`: a file in PEM, or `nil` for those of the system.
    init(to target: Target, authorities: String?) throws {
        self.target = target
        // At least one: SocketAddress.resolve.
        address = try SocketAddress.resolve(host: target.host, port: target.port)[0]
        security =
            try target.isTLS
            ? TLSClientContext(trusting: authorities.map { try TLSMaterial.File(reading: $0) }) : nil
    }

    /// A socket for the client with this number. On IPv4's loopback each has one of several addresses: the ports of one
    /// would not do for all.
    func connect(_ number: Int) throws -> Socket {
        guard address.description.hasPrefix("127.") else { return try .connecting(to: address) }
        let host = Int(Self.sources.lowerBound) + number / Self.connectionsPerSource % Self.sources.count
        let source = try SocketAddress.resolve(host: "127.0.0.\(host)", port: 0)[0]
        return try .connecting(to: address, from: source)
    }
}
