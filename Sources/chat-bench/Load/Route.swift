import ChatTransport
import EventLoop
import Glibc

/// How clients get to the server: its address, their own addresses, and what they speak on the way.
struct Route {
    /// A little less than what Linux has for connections between two addresses.
    private static let connectionsPerSource = 20_000
    private static let sources: ClosedRange<UInt8> = 2...32
    /// In milliseconds: how long an address may take to answer.
    private static let patience: CInt = 5_000

    let target: Target
    let security: TLSClientContext?
    private let address: SocketAddress

    /// Resolves the server's name. `authorities`: a file in PEM, or `nil` for those of the system.
    init(to target: Target, authorities: String?) throws {
        self.target = target
        address = try Self.answering(SocketAddress.resolve(host: target.host, port: target.port))
        security =
            try target.isTLS
            ? TLSClientContext(trusting: authorities.map { try TLSMaterial.File(reading: $0) }) : nil
    }

    /// The first address, of at least one, at which somebody listens: a name may have some at which nobody does.
    private static func answering(_ addresses: [SocketAddress]) throws -> SocketAddress {
        guard addresses.count > 1 else { return addresses[0] }
        var failure: (any Error)?
        for address in addresses {
            do {
                let socket = try Socket.connecting(to: address)
                var entry = pollfd(fd: socket.descriptor, events: CShort(POLLOUT), revents: 0)
                poll(&entry, 1, patience)
                var byte: [UInt8] = [0]
                var span = byte.mutableSpan
                _ = try socket.peek(into: &span)
                return address
            } catch {
                failure = failure ?? error
            }
        }
        throw failure ?? ServerHasClosed()
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
