import ChatTransport
import EventLoop
import Synchronization

/// Who is read from in a turn, and for how long.
extension Worker {
    /// Whose lines would add to what others are behind with.
    var hold: Hold {
        if isAhead { return .everybody }
        return handles.lazy.map { Hold(rawValue: $0.hold.load(ordering: .relaxed)) ?? .nobody }.max() ?? .nobody
    }

    var floodsMayGo: Bool {
        switch hold {
        case .nobody: fairShare.floodsResume <= loop.now || !othersSpeak
        case .floods: nextFlood <= loop.now
        case .everybody: false
        }
    }

    /// When the next of those who flood has its turn while receivers are behind.
    var nextFlood: Instant { Instant(nanoseconds: handles[0].nextFlood.load(ordering: .relaxed)) }

    /// Whether somebody has said little of late, here or on another loop, who is not to wait behind one who says much.
    private var othersSpeak: Bool {
        handles.contains {
            loop.now < Instant(nanoseconds: $0.lastQuietLine.load(ordering: .relaxed)) + FairShare.attention
        }
    }

    /// Has a connection's input read when its turn comes.
    func queueReader(_ connection: Connection) {
        readers.append(connection)
    }

    /// Serves those whose turn it is, until the lines read have led to enough for one turn.
    func read() {
        guard !readers.isEmpty || !floods.isEmpty else { return }
        let hold = hold
        let overdue = hold == .floods ? takeOverdue() : nil
        // Behind the others.
        if let overdue {
            readers.append(overdue)
        } else if hold == .nobody, floodsMayGo {
            readers += floods
            floods.removeAll()
        }
        guard !readers.isEmpty else { return }
        guard hold < .everybody else {
            fairShare.startAgain()
            holdReaders()
            return
        }
        fairShare.beginTurn(othersSpeak: othersSpeak || hold == .floods)
        var budget = turnBudget
        // Taken out for the calls: otherwise the runtime would watch over every access to them.
        var buffer: [UInt8] = []
        swap(&buffer, &self.buffer)
        var readers: [Connection] = []
        swap(&readers, &spareReaders)
        swap(&readers, &self.readers)
        // Each once: what a connection has behind its share comes after the others.
        var served = 0
        while served < readers.count, budget > 0 {
            let reader = readers[served]
            served += 1
            let isOverdue = reader === overdue
            if reader.isFlooding, !isOverdue, hold == .floods || !floodsMayGo {
                reader.hold()
                floods.append(reader)
            } else {
                // What the slowest drain in the time: with more, those who flood would fill their queues, and everybody would wait.
                let led = reader.read(through: &buffer, share: isOverdue ? limits.minimumDrain : fairShare.current)
                budget -= led
                noteSpeaker(reader, led)
            }
        }
        if served < readers.count { self.readers = readers[served...] + self.readers }
        readers.removeAll(keepingCapacity: true)
        swap(&readers, &spareReaders)
        swap(&buffer, &self.buffer)
    }

    /// One of those who flood, where its turn has come though receivers are behind: all together they would hold up everybody.
    private func takeOverdue() -> Connection? {
        let next = nextFlood
        guard !floods.isEmpty, next <= loop.now else { return nil }
        // Unless another loop takes it.
        let (isTaken, _) = handles[0].nextFlood.compareExchange(
            expected: next.nanoseconds, desired: (loop.now + FairShare.longestPause).nanoseconds, ordering: .relaxed)
        return isTaken ? floods.removeFirst() : nil
    }

    /// Those who have ended say nothing: their input is discarded all the same.
    private func holdReaders() {
        var held: [Connection] = []
        swap(&held, &readers)
        for reader in held {
            if reader.isSpeaking {
                reader.hold()
                readers.append(reader)
            } else {
                _ = reader.read(through: &buffer, share: 0)
            }
        }
    }

    private func noteSpeaker(_ reader: Connection, _ led: Int) {
        reader.speechMeter.note(led, at: loop.now)
        if reader.isFlooding {
            reader.lastFlood = loop.now
            fairShare.noteFlood()
        } else if led > 0, reader.lastFlood + FairShare.attention < loop.now {
            handles[index].lastQuietLine.store(loop.now.nanoseconds, ordering: .relaxed)
        }
    }
}
