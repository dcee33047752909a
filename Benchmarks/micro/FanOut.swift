import ChatServer
import ChatState
import EventLoop
import FlowControl
import Logging

/// A worker with members that are all in memory, and one who speaks.
struct FanOut {
    private let worker: Worker
    private let speaker: Socket
    /// The members' ends of their sockets: a worker would notice if they were closed.
    private let ends: [Socket]
    private let members: Int

    init(members: Int) throws {
        let handle = try WorkerHandle()
        worker = Worker(
            index: 0, of: [handle], on: try EventLoop(poller: .epoll, wakeup: handle.wakeup),
            order: LocalOrder(loops: 1), admission: Admission(Limits()), limits: Limits(),
            logger: Logger(label: "micro") { _ in SwiftLogNoOpLogHandler() })
        self.members = members
        var ends: [Socket] = []
        for number in 0..<members {
            let (near, far) = try Socket.pair()
            _ = try far.send(Array("LOGIN member-\(number)\n".utf8).span)
            worker.admit(
                Origin(
                    serial: UInt64(number), descriptor: near.descriptor, peer: near.localAddress,
                    group: .connection(UInt64(number)), transportKind: .plain),
                SinkTransport(near))
            try worker.loop.runTurn(worker)
            ends.append(far)
        }
        self.ends = ends
        speaker = ends[0]
    }

    /// Per delivery: a line to one member.
    func cost(linesInTurn: Int) throws -> Cost {
        let lines = Array(
            String(repeating: "MSG the quick brown fox jumps over the lazy dog\n", count: linesInTurn).utf8)
        let name = "fan out \(linesInTurn) lines to \(members) members"
        return try Cost(name, units: linesInTurn * members, rounds: max(20, 200_000 / members)) {
            _ = try speaker.send(lines.span)
            try worker.loop.runTurn(worker)
        }
    }
}
