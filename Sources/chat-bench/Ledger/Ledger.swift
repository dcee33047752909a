import DequeModule
import Histogram
import LoadSupport

/// Who has sent and received what: finds lines that are lost, duplicated or misordered, and how long each took.
///
/// Whatever the first receiver of a line gets is what all others must get at the same place: then comparing bytes is enough.
/// Pure: the caller says what time it is.
struct Ledger {
    private struct Receiver {
        /// The place in the transcript up to which everything was received, and the number of the line behind it.
        var place = 0
        var line = 0
        /// Lines that others received at an earlier place.
        var missing: [Message] = []
    }

    private struct Sender {
        struct Line {
            let sentAt: Nanoseconds
            /// Has reached everybody, or those whom it will never reach are known.
            var isComplete = false
        }

        /// From the first on that is not complete.
        var lines: Deque<Line> = []
        /// The sequence number of the first of them.
        var first = 0
        var completed = 0
        /// The sequence number behind the highest that anybody has received.
        var received = 0

        var sent: Int { first + lines.count }
    }

    /// In nanoseconds: deliveries since the last ``resetLatency()``.
    private(set) var latency = Ledger.emptyHistogram
    private(set) var faults = Faults()
    /// Lines of the load that one receiver each has got.
    private(set) var deliveries = 0
    /// Lines of the load that everybody has got.
    private(set) var completed = 0
    private(set) var sent = 0
    /// In bytes: what a receiver got of the last line.
    private(set) var lineLength = 0
    /// A line that the protocol does not explain, for people.
    private(set) var unexpectedLine: String?
    /// Lines that concern one receiver alone, and may have to be answered.
    private var asides: [(receiver: Int, line: [UInt8])] = []
    private var transcript = Transcript()
    private var receivers: [Receiver]
    private var senders: [Sender]
    private let run: UInt32
    private let echoes: Bool
    private let isPrivate: (UnsafeRawBufferPointer) -> Bool

    private static var emptyHistogram: Histogram<UInt32> {
        Histogram(highestTrackableValue: 120_000_000_000, numberOfSignificantValueDigits: .three)
    }

    /// The first receivers are the senders too. `echoes`: whether a sender receives its own lines. `isPrivate`: whether a
    /// line concerns its receiver alone.
    init(
        receivers: Int, senders: Int, echoes: Bool, run: UInt32,
        isPrivate: @escaping (UnsafeRawBufferPointer) -> Bool = { _ in false }
    ) {
        self.receivers = Array(repeating: Receiver(), count: receivers)
        self.senders = Array(repeating: Sender(), count: senders)
        self.echoes = echoes
        self.run = run
        self.isPrivate = isPrivate
    }

    /// How many receive each line.
    var audience: Int { echoes ? receivers.count : receivers.count - 1 }

    /// How many lines of a sender have not reached everybody.
    func inFlight(of sender: Int) -> Int { senders[sender].sent - senders[sender].completed }

    /// A sender sends its next line.
    mutating func send(from sender: Int, at now: Nanoseconds) -> Message {
        defer {
            senders[sender].lines.append(Sender.Line(sentAt: now))
            sent += 1
        }
        return Message(sender: sender, sequence: senders[sender].sent)
    }

    mutating func takeAsides() -> [(receiver: Int, line: [UInt8])] {
        defer { asides.removeAll(keepingCapacity: true) }
        return asides
    }

    mutating func resetLatency() {
        latency = Self.emptyHistogram
    }

    /// A receiver got some whole lines.
    mutating func receive(_ lines: UnsafeRawBufferPointer, by receiver: Int, at now: Nanoseconds) {
        var rest = lines[...]
        skipOwn(receiver)
        while !rest.isEmpty {
            var part = rest
            var count = transcript.match(part, at: receivers[receiver].place)
            if count == 0 {
                // Somewhere they differ: line by line, then.
                part = rest.prefix(through: rest.firstLineEnd)
                count = transcript.match(part, at: receivers[receiver].place)
            }
            if count > 0 {
                advance(receiver, by: count, at: now)
            } else {
                receive(line: UnsafeRawBufferPointer(rebasing: part), by: receiver, at: now)
                count = part.count
            }
            rest = rest.dropFirst(count)
            skipOwn(receiver)
        }
        transcript.trim()
    }

    /// Nobody will receive anything more: what has not come is lost.
    mutating func close() {
        faults.lost = sent * audience - deliveries
    }

    private mutating func advance(_ receiver: Int, by count: Int, at now: Nanoseconds) {
        receivers[receiver].place += count
        while receivers[receiver].line < transcript.endLine {
            let line = transcript[receivers[receiver].line]
            guard line.end <= receivers[receiver].place else { return }
            deliver(receivers[receiver].line, line, at: now)
            receivers[receiver].line += 1
        }
    }

    private mutating func deliver(_ number: Int, _ line: Transcript.Line, at now: Nanoseconds) {
        if line.message != nil {
            deliveries += 1
            _ = latency.record(now &- line.sentAt)
        }
        pass(number, line)
    }

    private mutating func pass(_ number: Int, _ line: Transcript.Line) {
        if transcript.receive(number) == 0, let message = line.message { complete(message) }
    }

    private mutating func complete(_ message: Message) {
        completed += 1
        var sender = Sender()
        swap(&sender, &senders[message.sender])
        sender.completed += 1
        sender.lines[message.sequence - sender.first].isComplete = true
        while sender.lines.first?.isComplete == true {
            sender.lines.removeFirst()
            sender.first += 1
        }
        swap(&sender, &senders[message.sender])
    }

    /// Where senders do not receive their own lines, these are not at their place in what they do receive.
    private mutating func skipOwn(_ receiver: Int) {
        guard !echoes, receiver < senders.count else { return }
        if receivers[receiver].line < transcript.firstLine {
            receivers[receiver].line = transcript.firstLine
            receivers[receiver].place = transcript.firstPlace
        }
        while receivers[receiver].line < transcript.endLine {
            let line = transcript[receivers[receiver].line]
            guard line.message?.sender == receiver else { return }
            receivers[receiver].place = line.end
            receivers[receiver].line += 1
        }
    }

    /// A line that is not what others have got at this place, or that nobody has got yet.
    private mutating func receive(line: UnsafeRawBufferPointer, by receiver: Int, at now: Nanoseconds) {
        let message = Message(line, run: run)
        let isNext = receivers[receiver].line == transcript.endLine
        if let message {
            guard senders.indices.contains(message.sender), message.sequence < senders[message.sender].sent else {
                return reject(line)
            }
            if let index = receivers[receiver].missing.firstIndex(of: message) {
                receivers[receiver].missing.remove(at: index)
                faults.misordered += 1
                deliveries += 1
                return
            }
            if let number = transcript.line(of: message, from: receivers[receiver].line) {
                miss(receiver, upTo: number)
                return advance(receiver, by: transcript[number].end - receivers[receiver].place, at: now)
            }
            guard !isKnown(message) else {
                faults.duplicated += 1
                return
            }
            // Whoever else gets it, it is behind one that its sender has said later.
            if message.sequence < senders[message.sender].received { faults.misordered += 1 }
            senders[message.sender].received = max(senders[message.sender].received, message.sequence + 1)
            if !isNext { miss(receiver, upTo: transcript.endLine) }
            lineLength = line.count
        } else if isPrivate(line) {
            asides.append((receiver, Array(line)))
            return
        } else if !isNext {
            return reject(line)
        }
        transcript.append(
            line, message, sentAt: message.map { sentAt($0) } ?? now, to: message == nil ? receivers.count : audience)
        advance(receiver, by: line.count, at: now)
    }

    /// Whether anybody has received it.
    private func isKnown(_ message: Message) -> Bool {
        let sender = senders[message.sender]
        // Nearly always a sender's next line, for which nothing has to be searched.
        guard message.sequence < sender.received else { return false }
        return message.sequence < sender.first || sender.lines[message.sequence - sender.first].isComplete
            || transcript.line(of: message, from: transcript.firstLine) != nil
    }

    private func sentAt(_ message: Message) -> Nanoseconds {
        let sender = senders[message.sender]
        return sender.lines[message.sequence - sender.first].sentAt
    }

    /// The lines before `number` have not come when a later one has. They may still come.
    private mutating func miss(_ receiver: Int, upTo number: Int) {
        while receivers[receiver].line < number {
            let line = transcript[receivers[receiver].line]
            if let message = line.message {
                receivers[receiver].missing.append(message)
            }
            pass(receivers[receiver].line, line)
            receivers[receiver].place = line.end
            receivers[receiver].line += 1
        }
    }

    private mutating func reject(_ line: UnsafeRawBufferPointer) {
        faults.unexpected += 1
        unexpectedLine = unexpectedLine ?? String(decoding: line.dropLast(), as: UTF8.self)
    }
}

extension Slice<UnsafeRawBufferPointer> {
    fileprivate var firstLineEnd: Int { firstIndex(of: UInt8(ascii: "\n")) ?? endIndex - 1 }
}
