import ChatState
import EventLoop
import FlowControl

/// What one event loop has of a room: its members there, and how far they were sent the room's lines.
///
/// Lines are sent by sweeps: each goes once over all members, in several turns if there are many, and sends each of them
/// everything up to where the log ended when it began.
final class RoomView {
    /// Where a connection is among the members.
    struct Place {
        fileprivate(set) var index: Int?
    }

    /// A sweep begins with one in so many members, and with at least as many as make a small room.
    private static let (beginning, smallRoom) = (16, 64)

    let reader: LogReader
    /// Not retained: the worker has each as long as it is here, since closing a connection takes it out of both. A reference to
    /// be counted would be two atomic operations more for every delivery. Those before ``next`` were visited in this sweep.
    private(set) var members: [Unmanaged<Connection>] = []
    private var next = 0
    /// Every member that does not lag was sent everything up to here.
    private var floor = 0
    /// What the sweep will have sent to all.
    private var target = 0
    /// The sweep has only begun.
    private var mayBeginAnew = false
    /// What lagging receivers need of the log.
    private var lagging = LogNeeds()

    init(_ reader: LogReader) {
        self.reader = reader
    }

    /// Whether some members may not have been sent everything.
    var needsSweep: Bool { next < members.count || (target < reader.end && !members.isEmpty) }

    /// From which position on members need the log, but for those who lag; `.max` if there are none.
    var needed: Int { members.isEmpty ? .max : floor }

    /// Whether the order does not know what is needed now.
    var hasUnpublishedNeeds: Bool { min(needed, lagging.all) != reader.needs.all }

    func forgetLagging() {
        lagging = LogNeeds()
    }

    /// `waitsForLoop`: it is this event loop that has not sent more, and not the receiver's socket that takes no more.
    func noteLagging(_ position: Int, isHealthy: Bool, waitsForLoop: Bool) {
        lagging.include(
            LogNeeds(
                all: position, healthy: isHealthy ? position : .max, sweepEnd: waitsForLoop ? position : .max))
    }

    /// Tells the order, by way of the reader, what is needed.
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
        connection.places.member.index = members.count
        members.append(.passUnretained(connection))
    }

    /// - Precondition: it is a member here.
    func remove(_ connection: Connection) {
        guard var place = connection.places.member.index else { return }
        connection.places.member.index = nil
        // Those who were visited stay before those who were not.
        if place < next {
            next -= 1
            move(from: next, to: place)
            place = next
        }
        move(from: members.count - 1, to: place)
        members.removeLast()
    }

    /// Sends to members, until all were visited, the sweep has just begun, or the slice is over.
    ///
    /// Lines that come later are for the next sweep: sent to some members now, they would cost the others a write more. But
    /// lines that come while a sweep begins belong to the same burst, and it begins anew with them, once.
    func sweep(within slice: inout TimeSlice, on loop: EventLoop) {
        var end = members.count
        if next == members.count {
            next = 0
            target = reader.end
            mayBeginAnew = true
            end = min(max(members.count / Self.beginning, Self.smallRoom), members.count)
        } else if mayBeginAnew {
            mayBeginAnew = false
            if target < reader.end {
                next = 0
                target = reader.end
            }
        }
        let tail = reader.tail(upTo: target)
        var visits = 0
        while next < end {
            let member = members[next]
            next += 1
            // No connection ends meanwhile: if it has to, `deliver` queues it.
            member._withUnsafeGuaranteedRef { $0.deliver(tail) }
            visits += 1
            if visits & 63 == 0, slice.isOver(on: loop) { break }
        }
        if next == members.count { floor = target }
    }

    private func move(from source: Int, to place: Int) {
        guard source != place else { return }
        members[place] = members[source]
        members[place]._withUnsafeGuaranteedRef { $0.places.member.index = place }
    }
}
