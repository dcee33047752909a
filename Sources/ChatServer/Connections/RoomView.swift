import ChatState
import EventLoop
import FlowControl

/// The members of a room that one event loop serves, and how far they were sent the room's lines.
///
/// Lines are sent by sweeps. A sweep visits all members once, in several turns if there are many, and sends each of them all
/// lines up to the same position.
final class RoomView {
    /// A connection's place among the members.
    struct Place {
        fileprivate(set) var index: Int?
    }

    /// The first part of a sweep is one in `beginning` members, but at least as many as in a small room.
    private static let beginning = 16
    private static let smallRoom = 64
    /// The clock is read after so many bytes, or after as many members as are in a small room.
    private static let muchOutput = 1 << 20

    let reader: LogReader
    // Not checked for overlapping accesses: confined to the event loop, and a member that is visited comes back to the worker's
    // `writers` only.
    /// Not retained: the worker removes a connection here before it releases it. A counted reference would cost two atomic
    /// operations more for every delivery. Members before ``next`` were visited in this sweep.
    @exclusivity(unchecked) private(set) var members: [Unmanaged<Connection>] = []
    @exclusivity(unchecked) private var next = 0
    /// Every member that does not lag was sent all lines up to this position.
    @exclusivity(unchecked) private var floor = 0
    /// The position up to which the sweep sends.
    @exclusivity(unchecked) private var target = 0
    /// Only the first part of the sweep is done.
    @exclusivity(unchecked) private var mayBeginAnew = false
    /// The part of the log that lagging receivers still need.
    @exclusivity(unchecked) var lagging = LogNeeds()

    init(_ reader: LogReader) {
        self.reader = reader
    }

    /// Whether some members may not have been sent everything.
    var needsSweep: Bool { next < members.count || (target < reader.end && !members.isEmpty) }

    /// The lowest position that members still need if they do not lag; `.max` if there are no members.
    var needed: Int { members.isEmpty ? .max : floor }

    /// Whether the order does not know the current needs.
    var hasUnpublishedNeeds: Bool { min(needed, lagging.all) != reader.needs.all }

    /// Writes the current needs into the reader, from which the order takes them.
    func publish() {
        reader.needs = LogNeeds(
            all: min(needed, lagging.all), healthy: min(needed, lagging.healthy),
            sweepEnd: members.isEmpty
                ? .max : min(floor, lagging.sweepEnd) + Cost.sweepLimit(members: members.count))
    }

    func contains(_ connection: Connection) -> Bool {
        guard let place = connection.places.member.index, place < members.count else { return false }
        return members[place].toOpaque() == Unmanaged.passUnretained(connection).toOpaque()
    }

    func add(_ connection: Connection, from position: Int) {
        if members.isEmpty { (next, floor, target) = (0, position, position) }
        // A new member needs no line of the present sweep, so it counts as visited. Otherwise members that come one after the
        // other would keep the sweep from its end, and the next lines with it.
        members.append(.passUnretained(connection))
        move(from: next, to: members.count - 1)
        members[next] = .passUnretained(connection)
        connection.places.member.index = next
        next += 1
    }

    /// - Precondition: it is a member here.
    func remove(_ connection: Connection) {
        guard var place = connection.places.member.index else { return }
        connection.places.member.index = nil
        // Visited members stay before the other members.
        if place < next {
            next -= 1
            move(from: next, to: place)
            place = next
        }
        move(from: members.count - 1, to: place)
        members.removeLast()
        // Perhaps it was the last that was not visited.
        if next == members.count { floor = target }
    }

    /// Sends to members until all were visited, the first part of the sweep is done, or the slice is over.
    ///
    /// Lines that come later wait for the next sweep: if some members got them now, the others would need another write. But
    /// lines that come during the first part of a sweep belong to the same burst: the sweep begins again with them, once.
    func sweep(within slice: inout TimeSlice, on loop: EventLoop) {
        var end = members.count
        if next == members.count {
            next = 0
            target = reader.tailEnd(after: floor)
            mayBeginAnew = true
            end = min(max(members.count / Self.beginning, Self.smallRoom), members.count)
        } else if mayBeginAnew {
            mayBeginAnew = false
            let tailEnd = reader.tailEnd(after: floor)
            if target < tailEnd { (next, target) = (0, tailEnd) }
        }
        let tail = reader.tail(from: floor, upTo: target)
        let stride = max(1, min(Self.smallRoom, Self.muchOutput / max(target - floor, 1)))
        while next < end {
            let visited = next..<min(next + stride, end)
            // No connection ends during a sweep: if one has to end, `deliver` queues it.
            for member in members[visited] { member._withUnsafeGuaranteedRef { $0.deliver(tail) } }
            next = visited.upperBound
            if visited.count == stride, slice.isOver(on: loop) { break }
        }
        if next == members.count { floor = target }
    }

    private func move(from source: Int, to place: Int) {
        guard source != place else { return }
        members[place] = members[source]
        members[place]._withUnsafeGuaranteedRef { $0.places.member.index = place }
    }
}
