import Glibc

/// Waits for many descriptors at once and calls each one's source, turn after turn.
///
/// A turn: poll; the sources that are ready; the loop's work; deadlines. Not `Sendable`: made on its thread, and confined to
/// it. Only a ``Wakeup`` reaches it from elsewhere.
public final class EventLoop {
    private struct Registration {
        let token: Token
        let source: any EventSource
        var interest: Interest
    }

    /// How many deadlines may pass in one turn.
    private static let deadlinesPerTurn = 64

    private let poller: any Poller
    private let wakeup: Wakeup
    private let wakeupToken: Token
    private let thread = pthread_self()
    private var generation: UInt32 = 0
    // Not checked for overlapping accesses: confined to the thread, and no call that changes one of them comes back here.
    /// By descriptor, which the kernel keeps small.
    @exclusivity(unchecked) private var registrations: [Registration?] = []
    @exclusivity(unchecked) private var timers = Timers()
    /// What `timers` says, kept at hand.
    @exclusivity(unchecked) package private(set) var nextDeadline: Instant?
    // Private, because other modules would check their accesses.
    @exclusivity(unchecked) private var turnBegin: Instant
    private var ready: [Readiness] = []
    private let clock: () -> Instant

    /// A loop for the calling thread.
    public convenience init(poller kind: PollerKind, wakeup: Wakeup) throws(SystemCallError) {
        try self.init(poller: kind.make(), wakeup: wakeup, clock: { .now })
    }

    /// A loop with a poller and a clock of the caller's, for simulations.
    package init(poller: any Poller, wakeup: Wakeup, clock: @escaping () -> Instant) throws(SystemCallError) {
        self.poller = poller
        self.wakeup = wakeup
        self.clock = clock
        turnBegin = clock()
        wakeupToken = Token(descriptor: wakeup.descriptor, generation: 0)
        try poller.add(wakeup.descriptor, .readable, token: wakeupToken)
    }

    /// When the current turn began.
    public var now: Instant { turnBegin }

    /// The time now, while ``now`` is that of the turn's beginning.
    public var currentTime: Instant { clock() }

    /// A new name for a descriptor that is to be watched.
    public func makeToken(descriptor: CInt) -> Token {
        assertOnThread()
        generation &+= 1
        return Token(descriptor: descriptor, generation: generation)
    }

    /// Watches a token's descriptor, which stays its owner's, until ``remove(_:)``.
    public func add(_ source: any EventSource, _ interest: Interest, token: Token) throws(SystemCallError) {
        assertOnThread()
        try poller.add(token.descriptor, interest, token: token)
        while registrations.count <= token.place { registrations.append(nil) }
        registrations[token.place] = Registration(token: token, source: source, interest: interest)
    }

    /// Changes what a source is watched for; a call that changes nothing costs no system call. If that is nothing, the source
    /// is not told of a hang-up either: to be told of that alone, it is interested in ``Interest/hangUp``. Of a removed source,
    /// it is ignored.
    public func setInterest(_ interest: Interest, of token: Token) throws(SystemCallError) {
        assertOnThread()
        guard let current = registration(of: token)?.interest, current != interest else { return }
        if interest.isEmpty {
            poller.remove(token.descriptor)
        } else if current.isEmpty {
            try poller.add(token.descriptor, interest, token: token)
        } else {
            try poller.modify(token.descriptor, interest, token: token)
        }
        registrations[token.place]?.interest = interest
    }

    /// Sets the source's only deadline, or takes it back. Of a removed source, it is ignored.
    public func setDeadline(_ deadline: Instant?, of token: Token) {
        assertOnThread()
        guard registration(of: token) != nil else { return }
        timers.set(deadline, for: token)
        nextDeadline = timers.next
    }

    /// Forgets a source; it gets no further event, even of this turn. Before its descriptor is closed.
    public func remove(_ token: Token) {
        assertOnThread()
        guard registration(of: token) != nil else { return }
        setDeadline(nil, of: token)
        registrations[token.place] = nil
        poller.remove(token.descriptor)
    }

    /// Runs one turn, which waits until something is to be done.
    public func runTurn(_ work: some EventLoopWork) throws(SystemCallError) {
        assertOnThread()
        // Taken out for the turn: otherwise the runtime would watch over every access to it.
        var ready: [Readiness] = []
        swap(&ready, &self.ready)
        defer {
            ready.removeAll(keepingCapacity: true)
            swap(&ready, &self.ready)
        }
        try poller.wait(milliseconds: work.hasWork ? 0 : timeout(before: work.nextWork), into: &ready)
        turnBegin = clock()
        for readiness in ready {
            if readiness.token == wakeupToken {
                wakeup.acknowledge()
            } else {
                registration(of: readiness.token)?.source.ready(readiness.interest)
            }
        }
        work.turn()
        if let nextDeadline, nextDeadline <= now { passDeadlines() }
    }

    /// `nil` where the source was removed, and the descriptor may be another's by now.
    private func registration(of token: Token) -> Registration? {
        guard token.place < registrations.count, let registration = registrations[token.place],
            registration.token == token
        else { return nil }
        return registration
    }

    private func passDeadlines() {
        var count = 0
        while count < Self.deadlinesPerTurn, let token = timers.popPassed(at: now) {
            registration(of: token)?.source.deadlinePassed()
            count += 1
        }
        nextDeadline = timers.next
    }

    /// In milliseconds, rounded up: a loop that wakes just before a deadline would spin until it. Counted from when the
    /// last turn began, so that a deadline is late by that turn at the most.
    private func timeout(before nextWork: Instant?) -> CInt {
        guard let next = nextWork.map({ min($0, nextDeadline ?? $0) }) ?? nextDeadline else { return -1 }
        guard next > now else { return 0 }
        return CInt(clamping: (next.nanoseconds - now.nanoseconds - 1) / 1_000_000 + 1)
    }

    // The type system keeps a loop on its thread, but for what unsafe code could do.
    private func assertOnThread() {
        assert(pthread_equal(thread, pthread_self()) != 0, "An event loop is confined to its thread")
    }
}
