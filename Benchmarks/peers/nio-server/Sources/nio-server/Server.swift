import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL

@main
struct Server {
    private static let backlog: Int32 = 4096
    /// What may wait for a client that does not read.
    private static let sendQueue = 1 << 20

    private let group: MultiThreadedEventLoopGroup
    private let room: NIOLockedValueBox<Room>
    private let fanOuts: [FanOut]

    static func main() throws {
        guard let arguments = Arguments(CommandLine.arguments.dropFirst()) else {
            print("Usage: nio-server [--event-loops N] <port> [<tls-port> <certificate.pem> <key.pem>]")
            exit(EX_USAGE)
        }
        let server = Server(eventLoops: arguments.eventLoops)
        let channel = try server.listen(on: arguments.port, tls: nil)
        if let tls = arguments.tls { _ = try server.listen(on: tls.port, tls: tls.context()) }
        try channel.closeFuture.wait()
    }

    private init(eventLoops: Int) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: eventLoops)
        let room = NIOLockedValueBox(Room())
        let fanOuts = group.makeIterator().enumerated().map { FanOut(room, $1, $0) }
        room.withLockedValue { $0.outboxes = fanOuts.map(Outbox.init) }
        self.group = group
        self.room = room
        self.fanOuts = fanOuts
    }

    private func listen(on port: Int, tls: NIOSSLContext?) throws -> any Channel {
        try ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: Self.sendQueue - 1, high: Self.sendQueue))
            .childChannelInitializer { [room, fanOuts] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    for fanOut in fanOuts where fanOut.eventLoop === channel.eventLoop {
                        try pipeline.addHandler(Client(room, fanOut))
                    }
                }
            }
            .bind(host: "127.0.0.1", port: port).wait()
    }
}
