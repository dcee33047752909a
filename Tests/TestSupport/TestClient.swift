import Foundation

/// A person at `nc`, as a test drives one: says lines, and reads what comes.
///
/// Used by one task at a time. Closed when it is let go of.
public final class TestClient {
    private let descriptor: CInt
    /// What the client speaks TLS through, if it does.
    public let tunnel: TLSTunnel?
    private lazy var reader = LineReader(descriptor)

    /// - Parameter receiveBuffer: the size of the kernel's buffer in bytes, for a client that is slow to read.
    public init(port: UInt16, receiveBuffer: CInt? = nil, tls: TLSClientOptions? = nil) throws {
        let connection = try Self.connect(to: port, receiveBuffer: receiveBuffer)
        guard let tls else {
            (descriptor, tunnel) = (connection, nil)
            return
        }
        var pair: [CInt] = [-1, -1]
        guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0 else {
            let code = POSIXErrorCode(rawValue: errno) ?? .EIO
            close(connection)
            throw POSIXError(code)
        }
        if var size = receiveBuffer {
            // A socket of a pair has what its peer has not read in its send buffer.
            setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<CInt>.size))
        }
        (descriptor, tunnel) = (pair[0], TLSTunnel(from: pair[1], to: connection, options: tls))
    }

    deinit {
        // Ends the reader's thread, and the tunnel's.
        shutdown(descriptor, CInt(SHUT_RDWR))
        close(descriptor)
    }

    private static func connect(to port: UInt16, receiveBuffer: CInt?) throws -> CInt {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<CInt>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        let connected = withUnsafePointer(to: address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            let code = POSIXErrorCode(rawValue: errno) ?? .EIO
            close(descriptor)
            throw POSIXError(code)
        }
        return descriptor
    }

    /// Says lines, all at once.
    public func say(_ lines: String...) {
        send(lines.map { $0 + "\n" }.joined())
    }

    public func send(_ text: String) {
        send(bytes: Array(text.utf8))
    }

    public func send(bytes: [UInt8]) {
        Self.send(bytes, over: descriptor)
    }

    /// Sends on a thread of its own, for more than the server takes before this client reads.
    public func sendInBackground(_ text: String) {
        let descriptor = dup(descriptor)
        Thread.detachNewThread {
            Self.send(Array(text.utf8), over: descriptor)
            close(descriptor)
        }
    }

    /// Sends one byte after another on a thread of its own, each after a while, until the connection is closed.
    public func drip(_ bytes: [UInt8], every interval: Duration) {
        let descriptor = dup(descriptor)
        Thread.detachNewThread {
            for byte in bytes {
                guard Foundation.send(descriptor, [byte], 1, CInt(MSG_NOSIGNAL)) == 1 else { break }
                usleep(useconds_t(interval / .microseconds(1)))
            }
            close(descriptor)
        }
    }

    private static func send(_ bytes: [UInt8], over descriptor: CInt) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Tells the server that nothing follows, as `nc -N` does at the end of its input.
    public func finishSending() {
        shutdown(descriptor, CInt(SHUT_WR))
    }

    /// Vanishes with a reset instead of an orderly end.
    public func reset() {
        if let tunnel { tunnel.reset() } else { resetConnection(of: descriptor) }
    }

    public func line() async -> String? { await reader.line() }

    public func lines(_ count: Int) async -> [String] { await reader.lines(count) }

    public func remainingLines() async -> [String] { await reader.remainingLines() }

    public func bytes(through marker: String) async -> [UInt8] { await reader.bytes(through: marker) }

    public func remainingBytes() async -> [UInt8] { await reader.bytes() }

    /// What has come until the server has answered everything that was said before: a PING is answered last.
    public func linesUntilPong() async -> [String] {
        say("PING")
        var lines: [String] = []
        while let line = await line(), line != "PONG" { lines.append(line) }
        return lines
    }
}
