import ChatState
import EventLoop
import FlowControl

/// The rooms of one event loop, and its receivers that lag. Confined to that loop.
struct Rooms {
    /// A connection's place among the receivers that lag.
    struct Place {
        fileprivate var index: Int?
    }

    /// How long sweeps may take in one turn.
    private static let share = Duration.milliseconds(2)

    /// The order's part: it opens and closes readers.
    var readers: [LogReader] = []
    private var views: [RoomView] = []
    /// Not retained: a connection that is closed or moved is taken out.
    private var lagging: [Unmanaged<Connection>] = []
    /// The needs of lagging receivers may have changed.
    private var needsMayHaveChanged = false

    /// Whether there is something to do in the next turn: lines to send, or changed needs for which a room waits.
    var haveWork: Bool {
        views.contains {
            $0.needsSweep || ($0.reader.needsPromptReports && (needsMayHaveChanged || $0.hasUnpublishedNeeds))
        }
    }

    /// Notes that the needs of lagging receivers may have changed.
    mutating func noteNeeds() {
        needsMayHaveChanged = true
    }

    /// The order has opened and closed readers.
    mutating func update() {
        guard views.count != readers.count || views.indices.contains(where: { views[$0].reader !== readers[$0] })
        else { return }
        views = readers.map { reader in views.first { $0.reader === reader } ?? RoomView(reader) }
    }

    /// Writes the current needs into the readers.
    mutating func updateNeeds() {
        if needsMayHaveChanged {
            needsMayHaveChanged = false
            for view in views { view.lagging = LogNeeds() }
            for unmanaged in lagging {
                unmanaged._withUnsafeGuaranteedRef { connection in
                    let isHealthy = connection.outbound.lag?.health.isHealthy ?? false
                    connection.outbound.output.forEachNeededPosition { reader, position, isCurrent in
                        // The socket of such a receiver would take more, but this event loop has not sent it yet.
                        let waitsForLoop = isCurrent && connection.outbound.wait == nil
                        views.first { $0.reader === reader }?.lagging.include(
                            LogNeeds(
                                all: position, healthy: isHealthy && isCurrent ? position : .max,
                                sweepEnd: waitsForLoop ? position : .max))
                    }
                }
            }
        }
        for view in views { view.publish() }
    }

    mutating func add(_ connection: Connection, to room: RoomID, from position: Int) {
        guard let view = views.first(where: { $0.reader.room == room }) else { return }
        view.add(connection, from: position)
    }

    mutating func remove(_ connection: Connection) {
        guard connection.places.member.index != nil else { return }
        for view in views where view.contains(connection) { view.remove(connection) }
    }

    mutating func addLagging(_ connection: Connection) {
        connection.places.lagging.index = lagging.count
        lagging.append(.passUnretained(connection))
        needsMayHaveChanged = true
    }

    mutating func removeLagging(_ connection: Connection) {
        guard let place = connection.places.lagging.index else { return }
        connection.places.lagging.index = nil
        let last = lagging.removeLast().takeUnretainedValue()
        if last !== connection {
            lagging[place] = .passUnretained(last)
            last.places.lagging.index = place
        }
        needsMayHaveChanged = true
    }

    /// Whether rooms have dropped lines that some receivers may need.
    var haveDropped: Bool { readers.contains { $0.hasDropped } }

    /// Receivers that may need lines which their rooms have dropped. Some may be in it twice.
    func receiversOfDropped() -> [Connection] {
        var all: [Connection] = []
        for view in views where view.reader.hasDropped {
            // Usually only receivers that lag; all members as well, if the loop itself is late.
            let receivers = view.needed < view.reader.start ? view.members + lagging : lagging
            all += receivers.map { $0.takeUnretainedValue() }
        }
        return all
    }

    /// Releases chunks that the rooms have dropped, once no receiver of this loop needs them.
    func releaseDropped() {
        for view in views where view.reader.hasDropped { view.reader.release() }
    }

    /// Sends room lines to members until the share of a turn for sweeps is used.
    func sweep(on loop: EventLoop) {
        var slice = TimeSlice(Self.share)
        for view in views where view.needsSweep { view.sweep(within: &slice, on: loop) }
    }
}
