import ChatState
import EventLoop
import FlowControl
import Synchronization

/// One worker's view of all workers: how many members each serves, and the connections that move to another.
struct WorkerPool {
    /// Whether a connection is counted as a member.
    struct Place {
        /// It is a member of its loop, or about to log in there.
        fileprivate(set) var isMember = false
    }

    private let handles: [WorkerHandle]
    private let index: Int
    private var moving: [(connection: Connection, home: Int)] = []

    init(_ handles: [WorkerHandle], index: Int) {
        self.handles = handles
        self.index = index
    }

    /// Whether connections are about to move.
    var hasMovers: Bool { !moving.isEmpty }

    /// This worker's part that other threads use.
    var own: WorkerHandle { handles[index] }

    func wake(_ loops: LoopSet) {
        for loop in loops { handles[loop].mailbox.wakeup.wake() }
    }

    /// Ends the reservation of a closed connection.
    func release(_ connection: Connection) {
        if connection.places.home.isMember { own.memberCount.subtract(1, ordering: .relaxed) }
        own.release()
    }

    /// Chooses the worker for a connection that is about to log in, and counts the connection there. Returns whether it moves
    /// to that worker first.
    mutating func placeMember(_ connection: Connection) -> Bool {
        connection.places.home.isMember = true
        let home = Placement.home(members: handles.map { $0.memberCount.load(ordering: .relaxed) })
        guard home != index, handles[home].reserve() else {
            own.memberCount.add(1, ordering: .relaxed)
            return false
        }
        handles[home].memberCount.add(1, ordering: .relaxed)
        moving.append((connection, home))
        return true
    }

    /// Hands over the connections for which `mayMove` returns `true`. After `false` a connection moves later, after `nil` it
    /// stays with this worker.
    mutating func handOver(_ mayMove: (Connection) -> Bool?) {
        var later: [(connection: Connection, home: Int)] = []
        for (connection, home) in moving {
            switch mayMove(connection) {
            case true?:
                own.release()
                handles[home].mailbox.post(.moved(MovedConnection(connection: connection)))
            case false?: later.append((connection, home))
            case nil:
                handles[home].memberCount.subtract(1, ordering: .relaxed)
                handles[home].release()
                own.memberCount.add(1, ordering: .relaxed)
            }
        }
        moving = later
    }
}
