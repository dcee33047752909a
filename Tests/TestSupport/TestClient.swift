import Foundation

/// A person at `nc`, as a test drives one: says lines, and reads what comes.
///
/// Used by one task at a time. Closed when it is let go of.
public final class TestClient {
    private let descriptor: CInt
    private lazy var reader = LineReader(descriptor)

    /// - Parameter receiveBuffer: the size of the kernel's buffer in bytes, for a client that is slow to read.
    public init(port: UInt16, receiveBuffer: CInt? = nil) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<CInt>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        let connected = withUnsafePointer(to: address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    deinit {
        // Ends the reader's thread.
        shutdown(descriptor, CInt(SHUT_RDWR))
        close(descriptor)
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
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Foundation.linger>.size))
        var address = sockaddr()
        address.sa_family = sa_family_t(AF_UNSPEC)
        // connect(2): dissolves the association, which with this linger option is a reset; the descriptor stays open.
        connect(descriptor, &address, socklen_t(MemoryLayout<sockaddr>.size))
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
