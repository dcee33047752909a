public import CLinux
import Glibc

/// A non-blocking TCP socket, closed when its last owner lets go of it.
///
/// Safe on any thread, as the kernel's calls are; who reads and who writes is for its owners to settle.
public final class Socket: Sendable {
    /// Owned: valid as long as the socket lives.
    public let descriptor: CInt

    @usableFromInline static var sendFlags: CInt { CInt(MSG_NOSIGNAL) }

    /// What waits for a peer that does not read is the program's to count and to bound: in bytes, what the kernel takes of
    /// it beyond what the peer's window lets through.
    private static let unsentLimit: CInt = 32 << 10
    private static let type = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)

    private init(owning descriptor: CInt) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// A socket that listens on an address, which may be in use by connections that are ending but by no other listener.
    ///
    /// An IPv6 wildcard takes IPv4 connections too. With `keepalive`, the kernel asks a peer that has been silent for so
    /// long whether it is still there, and ends its connection where no answer has come after as long again. Throws the
    /// error of socket(2), bind(2) or listen(2).
    public static func listening(
        on address: SocketAddress, keepalive: Duration? = nil
    ) throws(SystemCallError) -> Socket {
        let descriptor = Glibc.socket(address.family, Self.type, 0)
        guard descriptor >= 0 else { throw .last("socket") }
        let socket = Socket(owning: descriptor)
        try socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        if address.family == AF_INET6 { try socket.set(CInt(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
        guard address.withSocketAddress({ bind(descriptor, $0, $1) }) == 0 else { throw .last("bind") }
        // What is accepted has the options of its listener. Lines are coalesced by the turn already; Nagle's algorithm would
        // only delay them.
        try socket.set(CInt(IPPROTO_TCP), TCP_NODELAY, 1)
        if let keepalive { try socket.keepAlive(askingAfter: keepalive) }
        try socket.set(CInt(IPPROTO_TCP), TCP_NOTSENT_LOWAT, unsentLimit)
        try socket.listen()
        return socket
    }

    /// A socket on its way to an address, from one of this machine's own if that is given. It is writable once it is there;
    /// where it could not get there, sending and receiving throw the reason.
    ///
    /// Throws the error of socket(2), bind(2) or connect(2).
    public static func connecting(
        to address: SocketAddress, from source: SocketAddress? = nil
    ) throws(SystemCallError) -> Socket {
        let descriptor = Glibc.socket(address.family, Self.type, 0)
        guard descriptor >= 0 else { throw .last("socket") }
        let socket = Socket(owning: descriptor)
        try socket.set(CInt(IPPROTO_TCP), TCP_NODELAY, 1)
        if let source {
            // Otherwise bind(2) would take a port that no other connection from this address can use: ip(7).
            try socket.set(CInt(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, 1)
            guard source.withSocketAddress({ bind(descriptor, $0, $1) }) == 0 else { throw .last("bind") }
        }
        guard address.withSocketAddress({ connect(descriptor, $0, $1) }) == 0 || errno == EINPROGRESS else {
            throw .last("connect")
        }
        return socket
    }

    /// The two ends of a connection inside this process, for tests of what runs over a socket.
    package static func pair() throws(SystemCallError) -> (Socket, Socket) {
        var descriptors: [CInt] = [-1, -1]
        guard socketpair(AF_UNIX, type, 0, &descriptors) == 0 else { throw .last("socketpair") }
        return (Socket(owning: descriptors[0]), Socket(owning: descriptors[1]))
    }

    /// The address that a listener got, with the port that the kernel chose where 0 was asked for.
    public var localAddress: SocketAddress {
        SocketAddress { _ = getsockname(descriptor, $0, &$1) }
    }

    /// The next connection that waits on a listener and the address of its peer, or `nil` where none does.
    public func accept() throws(SystemCallError) -> (Socket, SocketAddress)? {
        var accepted: CInt = -1
        let flags = CInt(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let peer = SocketAddress { accepted = accept4(descriptor, $0, &$1, flags) }
        guard accepted >= 0 else {
            if Self.concernsConnectionOnly(errno) { return nil }
            throw .last("accept4")
        }
        return (Socket(owning: accepted), peer)
    }

    /// Has a bound socket listen. Where it listens already, nothing changes.
    ///
    /// Throws the error of listen(2).
    public func listen() throws(SystemCallError) {
        guard Glibc.listen(descriptor, SOMAXCONN) == 0 else { throw .last("listen") }
    }

    /// Has a listener refuse connections from now on, those that wait included, whoever else still owns it.
    ///
    /// Source: the kernel's inet_shutdown.
    public func stopListening() {
        shutdown(descriptor, CInt(SHUT_RD))
    }

    /// How many bytes were received behind the first `offset` of the buffer, 0 at the end of the peer's stream, or `nil`
    /// where none have come yet.
    public func receive(
        into buffer: inout MutableSpan<UInt8>, at offset: Int = 0
    ) throws(SystemCallError) -> Int? {
        try receive(into: &buffer, at: offset, flags: 0)
    }

    /// As ``receive(into:at:)``, but what was received is received again.
    public func peek(into buffer: inout MutableSpan<UInt8>) throws(SystemCallError) -> Int? {
        try receive(into: &buffer, at: 0, flags: CInt(MSG_PEEK))
    }

    /// How many bytes the kernel took, or `nil` where it takes none now.
    @inlinable @inline(__always)
    public func send(_ bytes: Span<UInt8>) throws(SystemCallError) -> Int? {
        let count = bytes.withUnsafeBufferPointer {
            shim_send(descriptor, $0.baseAddress, $0.count, Self.sendFlags)
        }
        return count >= 0 ? count : try Self.failure(of: "send")
    }

    /// Tells the peer that nothing follows; what was sent before still arrives.
    public func shutdownSending() throws(SystemCallError) {
        guard shutdown(descriptor, CInt(SHUT_WR)) == 0 else { throw .last("shutdown") }
    }

    /// How many bytes were sent that the peer's kernel has not acknowledged, or 0 where that is not known.
    ///
    /// Source: SIOCOUTQ in tcp(7).
    public var unacknowledgedCount: Int {
        var count: CInt = 0
        return shim_unacknowledged_count(descriptor, &count) == 0 ? Int(count) : 0
    }

    /// What the kernel knows of the peer's acknowledgements, or `nil` if the socket is not a TCP one.
    ///
    /// Source: TCP_INFO in tcp(7), struct tcp_info in linux/tcp.h.
    public var acknowledgement: Acknowledgement? {
        var info = shim_acknowledgement()
        guard shim_get_acknowledgement(descriptor, &info) == 0 else { return nil }
        return Acknowledgement(bytes: info.bytes, unacknowledgedSegments: Int(info.unacknowledged_segments))
    }

    /// Sets the size in bytes of the kernel's send buffer, which doubles it: socket(7).
    package func setSendBufferSize(_ size: CInt) throws(SystemCallError) {
        try set(SOL_SOCKET, SO_SNDBUF, size)
    }

    /// Whether an error of accept4(2) says only that there is no connection, or that the one that waited has ended: nobody's
    /// error, and no word about the next. One that is not allowed goes on waiting.
    ///
    /// Source: accept(2), "Error handling".
    private static func concernsConnectionOnly(_ error: CInt) -> Bool {
        switch error {
        case EAGAIN, EINTR, ECONNABORTED, EPROTO, ENOPROTOOPT, EOPNOTSUPP, ENETDOWN, ENETUNREACH, ENONET, EHOSTDOWN,
            EHOSTUNREACH:
            true
        default: false
        }
    }

    private func receive(
        into buffer: inout MutableSpan<UInt8>, at offset: Int, flags: CInt
    ) throws(SystemCallError) -> Int? {
        precondition(offset < buffer.count, "A buffer without room would look like the end of the stream")
        let count = buffer.withUnsafeMutableBufferPointer { bytes in
            bytes.baseAddress.map { recv(descriptor, $0 + offset, bytes.count - offset, flags) } ?? 0
        }
        return count >= 0 ? count : try Self.failure(of: "recv")
    }

    /// Of a call that has just failed: `nil` where it may succeed later.
    @usableFromInline
    static func failure(of call: String) throws(SystemCallError) -> Int? {
        if errno == EAGAIN || errno == EINTR { return nil }
        throw .last(call)
    }

    /// Source: tcp(7), whose probes are counted in seconds.
    private func keepAlive(askingAfter silence: Duration) throws(SystemCallError) {
        let probes: CInt = 4
        let seconds = CInt(clamping: min(max(silence.components.seconds, 1), 32_767))
        try set(SOL_SOCKET, SO_KEEPALIVE, 1)
        try set(CInt(IPPROTO_TCP), TCP_KEEPIDLE, seconds)
        try set(CInt(IPPROTO_TCP), TCP_KEEPINTVL, max(seconds / probes, 1))
        try set(CInt(IPPROTO_TCP), TCP_KEEPCNT, probes)
    }

    private func set(_ level: CInt, _ option: CInt, _ value: CInt) throws(SystemCallError) {
        var value = value
        let size = socklen_t(MemoryLayout<CInt>.size)
        guard setsockopt(descriptor, level, option, &value, size) == 0 else { throw .last("setsockopt") }
    }
}
