import EventLoop
import Logging
import SystemPackage
import TestSupport
import Testing

@testable import ChatServer

struct ListenerTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func server(_ urls: String...) throws -> ChatServer {
        var configuration = ServerConfiguration()
        configuration.listeners = try urls.map { try #require(ListenerURL($0)) }
        return try ChatServer(configuration, logger: logger)
    }

    @Test("Each listener on port 0 says which port it got")
    func portZero() throws {
        let listeners = try server("plain://127.0.0.1:0", "plain://127.0.0.2:0").listeners
        #expect(listeners.map(\.host) == ["127.0.0.1", "127.0.0.2"])
        #expect(listeners.allSatisfy { $0.port != 0 })
    }

    @Test("A name listens on all of its addresses, on one port")
    func everyAddress() throws {
        let port = try #require(try server("plain://localhost:0").listeners.first).port
        let server = try server("plain://localhost:\(port)")
        for address in try SocketAddress.resolve(host: "localhost", port: port) {
            // It is taken, so the server listens on it.
            #expect(throws: SystemCallError("bind", .addressInUse), "\(address)") { try Socket.listening(on: address) }
        }
        _ = server
    }

    @Test("A port in use is an error that names the listener and the reason, and leaves no other listener open")
    func portInUse() throws {
        let first = try server("plain://127.0.0.1:0")
        let taken = try #require(first.listeners.first)
        let free = try #require(try server("plain://127.0.0.1:0").listeners.first)
        do {
            _ = try server(free.description, taken.description)
            Issue.record("Two listeners got the same port")
        } catch {
            #expect("\(error)" == "cannot listen on \(taken): Address already in use")
        }
        #expect(throws: Never.self) { try server(free.description) }
    }

    @Test("A name without an address is an error that names the listener")
    func unknownName() {
        #expect(throws: ListenError.self) { try server("plain://name.invalid:0") }
    }

    @Test("Every address is every IPv4 address on a machine without IPv6, and only there")
    func withoutIPv6() throws {
        var tried: [String] = []
        func listen(_ address: SocketAddress) throws(SystemCallError) -> Socket {
            tried.append(address.description)
            guard !address.description.hasPrefix("[") else {
                throw SystemCallError("socket", .addressFamilyNotSupported)
            }
            return try Socket.listening(on: address)
        }
        let bound = try BoundListener(ListenerURL(.plain, host: "::", port: 0), .plain, listen: listen)
        #expect(tried == ["[::]:0", "0.0.0.0:0"])
        #expect(bound.url == ListenerURL(.plain, host: "::", port: bound.url.port))
        #expect(throws: ListenError.self) {
            try BoundListener(ListenerURL(.plain, host: "::1", port: 0), .plain, listen: listen)
        }
    }

    @Test("A listener that has failed listens again, and the loop waits meanwhile", arguments: PollerKind.allCases)
    func listensAgain(_ poller: PollerKind) throws {
        let bench = try ConnectionBench(poller)
        let bound = try BoundListener(ListenerURL(.plain, host: "127.0.0.1", port: 0), .plain)
        let acceptor = Acceptor([try WorkerHandle()], admission: bench.admission, limits: Limits())
        try bench.worker.accept(on: [bound], with: acceptor)
        bound.sockets[0].stopListening()
        var turns = 0
        var client: Socket?
        while client == nil {
            try bench.runTurn()
            turns += 1
            client = try connected(to: bound.sockets[0].localAddress)
        }
        // One in which it fails, one that waits until it tries again.
        #expect(turns == 2)
        let newcomer = try #require(client)
        try bench.say("PING\n", over: newcomer)
        #expect(try bench.receive(newcomer) { $0.hasSuffix("\n") } == "PONG\n")
    }

    /// `nil` where nobody listens.
    private func connected(to address: SocketAddress) throws -> Socket? {
        let socket = try Socket.connecting(to: address)
        let nothing: [UInt8] = []
        do {
            _ = try socket.send(nothing.span)
            return socket
        } catch {
            return nil
        }
    }
}
