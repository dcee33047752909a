import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import EventLoop

struct SocketTests {
    private func address(_ host: String, _ port: UInt16 = 0) throws -> SocketAddress {
        try #require(SocketAddress.resolve(host: host, port: port).first)
    }

    @Test("Addresses are shown as people write them")
    func description() throws {
        #expect(try address("127.0.0.1", 80).description == "127.0.0.1:80")
        #expect(try address("::1", 80).description == "[::1]:80")
        #expect(try address("::ffff:192.0.2.1", 80).description == "192.0.2.1:80")
    }

    @Test("A name without an address is an error with the resolver's reason")
    func unresolved() {
        #expect(throws: ResolutionError.self) { try SocketAddress.resolve(host: "name.invalid", port: 1) }
    }

    @Test("A listener on port 0 gets a port of its own, and nobody else gets that port")
    func portZero() throws {
        let listener = try Socket.listening(on: address("127.0.0.1"))
        let port = listener.localAddress.port
        #expect(port != 0)
        #expect(throws: SystemCallError("bind", .addressInUse)) {
            try Socket.listening(on: address("127.0.0.1", port))
        }
    }

    @Test("A listener on which nobody waits has nothing to accept")
    func nothingToAccept() throws {
        let listener = try Socket.listening(on: address("127.0.0.1"))
        #expect(try listener.accept() == nil)
    }

    @Test("What is accepted sends without delay, and notices a peer that is gone without a word")
    func acceptedOptions() throws {
        let listener = try Socket.listening(on: address("127.0.0.1"), keepalive: .seconds(40))
        let client = try Socket.connecting(to: listener.localAddress)
        var accepted: Socket?
        while accepted == nil { accepted = try listener.accept()?.0 }
        let descriptor = try #require(accepted).descriptor
        let tcp = CInt(IPPROTO_TCP)
        let options = [
            (tcp, TCP_NODELAY, 1), (SOL_SOCKET, SO_KEEPALIVE, 1), (tcp, TCP_KEEPIDLE, 40), (tcp, TCP_KEEPINTVL, 10),
            (tcp, TCP_KEEPCNT, 4),
            // It would end a live peer with a closed window, and overrides the probes.
            (tcp, TCP_USER_TIMEOUT, 0),
        ]
        for (level, option, expected) in options {
            var (value, size) = (CInt(0), socklen_t(MemoryLayout<CInt>.size))
            #expect(getsockopt(descriptor, level, option, &value, &size) == 0)
            #expect(value == expected)
        }
        withExtendedLifetime(client) {}
    }

    @Test("A socket says when it has no bytes, and when none will follow")
    func endOfStream() throws {
        let (near, far) = try Socket.pair()
        var buffer = [UInt8](repeating: 0, count: 4)
        var span = buffer.mutableSpan
        #expect(try near.receive(into: &span) == nil)
        #expect(try far.send([1, 2].span) == 2)
        try far.shutdownSending()
        #expect(try near.receive(into: &span, at: 1) == 2)
        #expect(try near.receive(into: &span) == 0)
        #expect(buffer == [0, 1, 2, 0])
    }

    @Test("Sending to a peer that has gone is an error, not the end of the process")
    func brokenPipe() throws {
        let (near, far) = try Socket.pair()
        _ = consume far
        #expect(throws: SystemCallError("send", .brokenPipe)) { try near.send([1].span) }
    }
}
