import ChatState
import ChatTransport
import FlowControl
import Glibc
import Logging
import TestSupport
import Testing

@testable import ChatServer
@testable import EventLoop

/// One worker, run turn by turn on the test's own thread, and peers on the other ends of socket pairs.
final class ConnectionBench {
    let worker: Worker
    let order: LocalOrder
    let admission: Admission
    private let handle: WorkerHandle
    private let clock = Clock()
    private let watchdog = Watchdog()
    private var serial: UInt64 = 0

    convenience init(_ poller: PollerKind, _ adjust: (inout ServerConfiguration) -> Void = { _ in }) throws {
        try self.init(poller, index: 0, of: [WorkerHandle()], order: nil, adjust)
    }

    init(
        _ poller: PollerKind, index: Int, of handles: [WorkerHandle], order: LocalOrder?,
        _ adjust: (inout ServerConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = ServerConfiguration()
        configuration.poller = poller
        adjust(&configuration)
        admission = Admission(configuration.limits)
        handle = handles[index]
        self.order = order ?? LocalOrder(loops: 1, limits: configuration.limits.ofOrder)
        let loop = try EventLoop(poller: poller.make(), wakeup: handle.wakeup, clock: { [clock] in clock.read() })
        worker = Worker(
            index: index, of: handles, on: loop, order: self.order, admission: admission,
            limits: configuration.limits, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try watchdog.watch(worker.loop)
    }

    /// Gives the worker one end of a connection. Lines that were sent before are there at the first read.
    func admit(_ near: Socket, _ transport: TransportFactory = .plain) {
        serial += 1
        _ = handle.reserve()
        worker.admit(
            Origin(
                serial: serial, descriptor: near.descriptor, peer: near.localAddress, group: .connection(serial),
                transportKind: transport.kind),
            transport.makeTransport(near))
    }

    /// How many connections the worker has.
    var connectionCount: Int { handle.load }

    /// Advances the worker's clock.
    func pass(_ time: Duration) {
        clock.offset += Instant(nanoseconds: 0) + time
    }

    /// Advances the worker's clock whenever the worker reads it, so that its shares of time are over soon.
    func slowDown(by time: Duration) {
        clock.step = Instant(nanoseconds: 0) + time
    }

    /// Gives the worker one end of a TLS connection.
    func admit(_ near: Socket, _ setup: TLSSetup) throws {
        // OpenSSL writes without MSG_NOSIGNAL.
        signal(SIGPIPE, SIG_IGN)
        admit(near, .tls(try setup.configuration.makeContext(of: setup.configuration.read())))
    }

    /// The other end of a TLS connection, on which nothing was sent.
    func connect(_ setup: TLSSetup) throws -> Socket {
        let (near, far) = try Socket.pair()
        try admit(near, setup)
        return far
    }

    /// A TLS client that is connected, on one end of a pair.
    func connect(over far: Socket, from near: Socket, _ setup: TLSSetup) throws -> ClientConnection {
        let client = try ClientConnection(setup.client, over: far.descriptor)
        try admit(near, setup)
        while true {
            switch client.handshake() {
            case .bytes: return client
            case .waits: try runTurn()
            case .ended, .failed: throw HandshakeFailure()
            }
        }
    }

    func connect(saying lines: String = "") throws -> Socket {
        let (near, far) = try Socket.pair()
        try say(lines, over: far)
        admit(near)
        return far
    }

    func say(_ lines: String, over socket: Socket) throws {
        try #require(try socket.send(Array(lines.utf8).span) == lines.utf8.count)
    }

    /// So that the next turn does not wait.
    func wake() { handle.wakeup.wake() }

    /// Notes that the test makes progress, so that the watchdog waits for its full time again.
    func noteProgress() { watchdog.calm() }

    /// Runs turns until the worker is idle, and returns how many: `nil` if it is not idle after `most` turns.
    @discardableResult
    func settle(most: Int = 1_000) throws -> Int? {
        for turn in 0..<most {
            wake()
            try runTurn()
            // A turn reports to the order in the next turn.
            if turn > 2, !worker.hasWork { return turn }
        }
        return nil
    }

    func runTurn() throws {
        try #require(!watchdog.hasBarked, "Nothing happens any more")
        try worker.loop.runTurn(worker)
    }

    /// The bytes that have arrived, without waiting.
    func received(_ socket: Socket) throws -> String {
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            var span = chunk.mutableSpan
            guard let count = try socket.receive(into: &span), count > 0 else { break }
            text += chunk.prefix(count)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Runs turns until the bytes that a peer receives satisfy `condition`.
    func receive(_ socket: Socket, until condition: (String) -> Bool) throws -> String {
        var text = try received(socket)
        while !condition(text) {
            try runTurn()
            text += try received(socket)
        }
        return text
    }
}

private struct HandshakeFailure: Error {}

/// The kernel's clock, plus the time that a test adds to it.
private final class Clock {
    var offset = Instant(nanoseconds: 0)
    var step = Instant(nanoseconds: 0)

    func read() -> Instant {
        offset += step
        return .now + .nanoseconds(Int64(offset.nanoseconds))
    }
}

extension Instant {
    fileprivate static func += (instant: inout Self, more: Self) {
        instant = instant + .nanoseconds(Int64(more.nanoseconds))
    }
}

/// Ends a wait in which nothing happens: a test that blocks its thread is beyond the reach of a time limit.
private final class Watchdog: EventSource {
    private static let patience = Duration.seconds(30)

    private(set) var hasBarked = false
    private var end = Instant.now + patience
    private var sockets: (Socket, Socket)?
    private var setDeadline: () -> Void = {}

    func watch(_ loop: EventLoop) throws {
        let (near, far) = try Socket.pair()
        sockets = (near, far)
        let token = loop.makeToken(descriptor: near.descriptor)
        try loop.add(self, .readable, token: token)
        setDeadline = { [unowned loop] in loop.setDeadline(loop.now + Self.patience, of: token) }
        setDeadline()
    }

    /// Something has happened.
    func calm() { end = .now + Self.patience }

    func ready(_ interest: Interest) {}

    func deadlinePassed() {
        // The test may have let time pass.
        hasBarked = Instant.now >= end
        setDeadline()
    }
}
