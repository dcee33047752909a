import ChatTransport
import EventLoop

/// A client that follows a script, and notes where it is not treated as promised. Confined to its event loop.
final class Client: Guest, LinkOwner {
    /// To which port it connects, and whether it speaks TLS there.
    enum Door {
        case plain, tls
        /// TLS's port, without TLS.
        case tlsInTheClear
    }

    let title: String
    let name: String
    private(set) var wasServed: Bool?
    private(set) var participant: Participant

    private static let heardAtMost = 64 << 10

    private let world: World
    private let door: Door
    private let security: TLSClientContext?
    private let script: Script
    private var link: Link?
    /// What is waited for; `nil` while the connection is being made.
    private var step: Step?
    /// When that is over, or is overdue.
    private var stepEnd: Instant
    private var isUser = false
    private var lines = LineBuffer()
    /// What has come, up to a bound.
    private var heard: [UInt8] = []
    private(set) var ending: Ending?
    private var mayEnd = false
    private var dripped = 0
    private var isAdvancing = false

    init(
        _ title: String, name: String, at door: Door, trusting security: TLSClientContext? = nil, _ script: Script,
        in world: World
    ) throws {
        self.title = title
        self.name = name
        self.world = world
        self.door = door
        self.security = door == .tls ? security ?? world.security : nil
        self.script = script
        participant = world.makeParticipant(name)
        stepEnd = world.loop.now + World.patience
        try connect()
    }

    /// Whether it is connected, and everything that it said is answered and was read.
    var isSettled: Bool { link?.isOpen == true && participant.isAnswered && participant.isUpToDate }

    func look() {
        advance()
    }

    func abandon() {
        if wasServed == nil { finish(served: true) }
    }

    private func connect() throws {
        let address = door == .plain ? world.addresses.plain : world.addresses.tls
        link = try Link(
            to: address, security: security, on: world.loop, buffer: world.buffer, owner: self)
        setStepEnd(after: World.patience)
    }

    private func setStepEnd(after duration: Duration) {
        stepEnd = .now + duration
        link?.setDeadline(stepEnd)
    }

    // MARK: The link

    func linkOpened() {
        advance()
    }

    func linkReceived(_ bytes: UnsafeRawBufferPointer) {
        if heard.count < Self.heardAtMost { heard += bytes.prefix(Self.heardAtMost - heard.count) }
        if isUser { lines.receive(bytes) { participant.receive($0) } }
        advance()
    }

    func linkEnded(_ ending: Ending) {
        self.ending = ending
        advance()
    }

    func linkDeadlinePassed() {
        advance()
    }

    // MARK: The script

    private func advance() {
        // What a step does to the link may call here again.
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        while wasServed == nil {
            if step == nil ? link?.isOpen == false : !isOver { return wait() }
            if case .end(let answer, let manner) = step { judgeEnd(answer, manner) }
            guard wasServed == nil else { return }
            guard let next = script.next() else { return finish(served: true) }
            step = next
            setStepEnd(after: World.patience)
            begin(next)
        }
    }

    private func begin(_ step: Step) {
        switch step {
        case .say(let utterances):
            isUser = true
            link?.send(utterances.flatMap { participant.say($0) })
        case .send(let bytes, let errors):
            isUser = isUser || !errors.isEmpty
            for error in errors { participant.expectError(error) }
            link?.send(bytes)
        case .inject(let bytes): link?.inject(bytes)
        case .drip(_, let interval):
            dripped = 0
            setStepEnd(after: interval)
        case .pause(let duration): setStepEnd(after: duration)
        case .read(let reading): link?.reading = reading
        case .finishSending: link?.finishSending()
        case .cut: link?.cut()
        case .close: link?.close()
        case .reset: link?.reset()
        case .mayEnd(let reasons):
            mayEnd = true
            participant.mayBeTold = reasons
        case .reconnect: reconnect()
        case .answered, .hear, .end: break
        }
    }

    private var isOver: Bool {
        switch step {
        case .answered: participant.isAnswered
        case .hear: link?.hasReceived == true
        case .pause: ending == nil && stepEnd <= .now
        case .drip: ending != nil
        // What came before it is known where in the transcript it belongs is judged later.
        case .end: ending != nil && !participant.isHolding
        default: true
        }
    }

    private func wait() {
        guard ending == nil || participant.isHolding else { return endEarly() }
        guard stepEnd <= .now else { return }
        // It has ended since it was looked at: the next look sees that.
        if case .pause = step { return }
        if case .drip(let bytes, let interval) = step, ending == nil {
            if dripped < bytes.count { link?.inject([bytes[dripped]]) }
            dripped += 1
            setStepEnd(after: interval)
        } else {
            mistreated("has waited for more than \(World.patience)")
        }
    }

    private func endEarly() {
        guard world.isEnding || mayEnd else { return mistreated("was ended: \(ending as Any)") }
        if isLastLineWhole { finish(served: true) } else { mistreated("was ended in mid-line") }
    }

    private func reconnect() {
        participant.leave()
        participant = world.makeParticipant(name)
        (lines, heard, ending, mayEnd, isUser) = (LineBuffer(), [], nil, false, false)
        step = nil
        do {
            try connect()
        } catch {
            mistreated("cannot connect: \(error)")
        }
    }

    private func finish(served: Bool) {
        wasServed = served
        link?.close()
        participant.leave()
    }

    // MARK: The verdict

    private func judgeEnd(_ answer: Step.Answer, _ manner: Step.Manner) {
        if world.isEnding || mayEnd, participant.farewell == nil { return }
        if case .order = manner, ending != .orderly { mistreated("has an end that is not orderly: \(ending as Any)") }
        if isUser {
            if !participant.isAnswered { mistreated("was ended without \(participant.owed) replies") }
            // After an error in its TLS nothing more can be sent, whatever was pending.
            if case .order = manner, !isLastLineWhole { mistreated("was ended in mid-line") }
        }
        switch answer {
        case .any: break
        case .exactly(let bytes) where heard == bytes: break
        case .errors where heard.isWholeErrors: break
        case .exactly, .errors: mistreated("got “\(String(decoding: heard.prefix(200), as: UTF8.self))”")
        }
    }

    /// A bare end may cut a line off, one that was told may not.
    private var isLastLineWhole: Bool {
        lines.rest.isEmpty || participant.farewell == nil && mayEnd || world.isEnding
    }

    private func mistreated(_ how: String) {
        guard wasServed == nil else { return }
        let when = step.map { "\($0)".prefix(60) } ?? "connecting"
        world.violations.note(
            .mistreated,
            "\(title) \(name) \(how), at \(when), with \(participant.lines) lines and \(participant.owed) replies owed")
        finish(served: false)
    }
}

extension [UInt8] {
    fileprivate var isWholeErrors: Bool {
        let lines = split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.count > 1 && lines.last?.isEmpty == true
            && lines.dropLast().allSatisfy { $0.starts(with: "ERR ".utf8) }
    }
}
