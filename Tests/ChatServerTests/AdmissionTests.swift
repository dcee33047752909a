import ChatProtocol
import EventLoop
import Testing

@testable import ChatServer

struct AdmissionTests {
    private let now = Instant(nanoseconds: 1_000_000_000)

    private func address(_ host: String) throws -> SocketAddress {
        try #require(SocketAddress.resolve(host: host, port: 1).first)
    }

    private func admission(_ adjust: (inout Limits) -> Void) -> Admission {
        var limits = Limits()
        adjust(&limits)
        return Admission(limits)
    }

    @Test("Beyond the limit a bounded number of connections is told so, and the others are ignored")
    func connections() throws {
        let admission = admission { $0.connections = 10 }
        let peer = try address("127.0.0.1")
        for _ in 0..<10 { #expect(admission.admit(peer, at: now) == .admitted) }
        for _ in 0..<64 { #expect(admission.admit(peer, at: now) == .refused(.tooManyConnections)) }
        #expect(admission.admit(peer, at: now) == .ignored)
        admission.leave(peer, wasRefused: true)
        #expect(admission.admit(peer, at: now) == .refused(.tooManyConnections))
        admission.leave(peer, wasRefused: false)
        #expect(admission.admit(peer, at: now) == .admitted)
    }

    @Test(
        "One address has so many connections, an IPv6 network of 64 bits too; others have theirs, loopback any number",
        arguments: [
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2"),
            ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"),
        ])
    func connectionsPerAddress(_ first: String, _ same: String, _ other: String) throws {
        let admission = admission { $0.connectionsPerAddress = 2 }
        for host in [first, same] { #expect(try admission.admit(address(host), at: now) == .admitted) }
        #expect(try admission.admit(address(same), at: now) == .refused(.tooManyFromAddress))
        #expect(try admission.admit(address(other), at: now) == .admitted)
        for _ in 0..<3 {
            for host in ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"] {
                #expect(try admission.admit(address(host), at: now) == .admitted)
            }
        }
        try admission.leave(address(first), wasRefused: false)
        #expect(try admission.admit(address(same), at: now) == .admitted)
    }

    @Test("One address comes so often in a minute, and again in the next")
    func connectionRate() throws {
        let admission = admission { $0.connectionRate = 3 }
        let peer = try address("192.0.2.1")
        for _ in 0..<3 {
            #expect(admission.admit(peer, at: now) == .admitted)
            admission.leave(peer, wasRefused: false)
        }
        #expect(admission.admit(peer, at: now + .seconds(59)) == .refused(.connectingTooFast))
        #expect(try admission.admit(address("192.0.2.2"), at: now + .seconds(59)) == .admitted)
        #expect(admission.admit(peer, at: now + .seconds(60)) == .admitted)
    }

    @Test("So many handshakes are under way at once")
    func handshakes() {
        let admission = admission { $0.handshakes = 2 }
        #expect(admission.beginHandshake())
        #expect(admission.beginHandshake())
        #expect(!admission.beginHandshake())
        admission.endHandshake()
        #expect(admission.beginHandshake())
    }
}
