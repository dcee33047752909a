import ChatState
import ChatTransport
import EventLoop
import FlowControl

/// The output to one peer, whether its socket takes more, and its lag.
struct Outbound {
    private(set) var output = Output()
    /// The event that the transport waits for before it takes more; `nil` if it takes output now.
    private(set) var wait: Interest?
    /// `nil` for a receiver that has been sent everything.
    private(set) var lag: Lag?
    /// Some direct messages in the output were not tried on the socket yet.
    private var hasUntriedMessages = false

    /// Whether everything was sent.
    var isEmpty: Bool { output.isEmpty && wait == nil }

    /// Whether room lines are all that is pending, so that a sweep may send them.
    @inline(__always)
    var takesSweeps: Bool { output.hasOnlyRoomLines && lag == nil && wait == nil }

    // MARK: Pending output

    mutating func apply(_ entry: Effects.Entry, _ bytes: Span<UInt8>, _ readers: [LogReader]) {
        output.apply(entry, bytes, readers)
        if case .direct = entry.kind { hasUntriedMessages = true }
    }

    mutating func append(lastLines lines: [UInt8]) {
        output.append(lastLines: lines)
    }

    /// Replaces pending output by the rest of the current line and `lastLine`.
    mutating func cut(_ lastLine: [UInt8]) {
        output.cut(lastLine)
    }

    /// Discards pending and later output, because the peer is gone.
    mutating func discard() {
        output.discard()
        wait = nil
    }

    // MARK: Sending

    /// Notes that the socket is ready. Returns whether output was waiting for it.
    mutating func noteReady(_ interest: Interest) -> Bool {
        guard let wait, !interest.isDisjoint(with: wait.union(.hangUp)) else { return false }
        self.wait = nil
        return true
    }

    /// Notes that the transport took all room lines from the cursor to a position.
    @inline(__always)
    mutating func advance(to position: Int) {
        output.advance(to: position)
    }

    /// Notes that the transport took only some of the room lines from the cursor on.
    mutating func advance(by progress: WriteProgress, in tail: LogTail) {
        let (count, wait) = progress.accepted
        self.wait = wait
        guard count > 0 else { return }
        let position = output.cursor
        tail.withBytes(from: position) { output.advance(to: position + count, lastByte: $0[count - 1]) }
    }

    /// Passes pending output to the transport until it takes no more or the limit for a turn is reached.
    mutating func send(
        over transport: any Transport, through scratch: inout [UInt8], produce: (inout UserList) -> [UInt8],
        delivered: (DirectSender) -> Void
    ) throws(TransportError) {
        if wait == nil, case .waits(let interest) = try transport.flush() { wait = interest }
        var sent = 0
        while wait == nil, !output.isEmpty, sent < PendingLimits.turn {
            var nextWait: Interest?
            let written = try output.send(
                through: &scratch, produce: produce, delivered: delivered,
                { bytes throws(TransportError) in
                    let accepted = try transport.write(bytes).accepted
                    nextWait = accepted.wait
                    return accepted.count
                })
            wait = nextWait
            lag?.noteWritten(written.count, replies: written.replies)
            guard written.count > 0 else { return }
            sent += written.count
        }
    }

    /// Whether direct messages were tried on the socket since the last call.
    mutating func takeTried() -> Bool {
        defer { hasUntriedMessages = false }
        return hasUntriedMessages
    }

    // MARK: Lag

    /// The receiver begins to lag.
    mutating func beginLag(unacknowledged: Int, at now: Nanoseconds) {
        lag = Lag(unacknowledged: unacknowledged, at: now)
    }

    mutating func endLag() {
        lag = nil
    }

    /// Updates how many of the written bytes the peer has acknowledged.
    mutating func observeLag(unacknowledged: Int, minimumRate: Int, at now: Nanoseconds) {
        lag?.observe(unacknowledged: unacknowledged, minimumRate: minimumRate, at: now)
    }
}

extension WriteProgress {
    /// The number of bytes that the transport has accepted, and the event that it waits for before it takes more.
    fileprivate var accepted: (count: Int, wait: Interest?) {
        switch self {
        case .bytes(let count): (count, nil)
        case .unfinished(let count, let interest): (count, interest)
        case .waits(let interest): (0, interest)
        }
    }
}
