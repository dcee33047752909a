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
        case .floods: fairShare.floodsOverdue <= loop.now
        case .everybody: false
        }
    }

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
        if !floods.isEmpty, floodsMayGo {
            // Behind the others. While receivers are behind, one at a time: all together they would hold up everybody.
            let next = hold == .floods ? 1 : floods.count
            readers += floods.prefix(next)
            floods.removeFirst(next)
        }
        guard !readers.isEmpty else { return }
        let hold = hold
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
            if reader.isFlooding, !floodsMayGo {
                reader.hold()
                floods.append(reader)
            } else {
                let isOverdue = hold == .floods && reader.isFlooding
                if isOverdue { fairShare.noteOverdue(at: loop.now) }
                let led = reader.read(through: &buffer, share: isOverdue ? overdueShare : fairShare.current)
                budget -= led
                noteSpeaker(reader, led)
            }
        }
        if served < readers.count { self.readers = readers[served...] + self.readers }
        readers.removeAll(keepingCapacity: true)
        swap(&readers, &spareReaders)
        swap(&buffer, &self.buffer)
        handles[index].holdsFloods.store(!floods.isEmpty, ordering: .relaxed)
    }

    /// What one who floods may say in a second while receivers are behind, on this loop: on all loops together, as much as the
    /// slowest of them drain. With more, those who flood would fill their queues, and everybody would wait.
    private var overdueShare: Int {
        let others = handles.indices.count { $0 != index && handles[$0].holdsFloods.load(ordering: .relaxed) }
        return limits.minimumDrain / (others + 1)
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
