import DequeModule
import Glibc

/// Waits for many descriptors at once and calls each one's source, turn after turn.
///
/// A turn: poll; the established sources that are ready; the loop's work, which writes; deadlines; then strangers (new
/// connections and handshakes) for a bounded time, so that they never delay those who chat. Not `Sendable`: made on its thread, and
/// confined to it. Only a ``Wakeup`` reaches it from elsewhere.
public final class EventLoop {
    private struct Registration {
        let token: Token
        let source: any EventSource
        var interest: Interest
        /// Is among the strangers whose turn comes.
        var isWaiting = false
    }

    /// How long strangers are served in one turn; one handshake may exceed it.
    private static let strangersShare = Duration.milliseconds(2)

    private let poller: any Poller
    private let wakeup: Wakeup
    private let wakeupToken: Token
    private let thread = pthread_self()
    private var generation: UInt32 = 0
    /// By descriptor, which the kernel keeps small.
    private var registrations: [Registration?] = []
    private var timers = Timers()
    /// What `timers` says, kept at hand: the runtime would watch over every turn's look at them.
    private var nextDeadline: Instant?
    private var ready: [Token] = []
    private var strangers: Deque<Token> = []

    /// When the current turn began.
    public private(set) var now = Instant.now

    /// A loop for the calling thread.
    public init(poller kind: PollerKind, wakeup: Wakeup) throws(SystemCallError) {
        poller = try kind.make()
        self.wakeup = wakeup
        wakeupToken = Token(descriptor: wakeup.descriptor, generation: 0)
        try poller.add(wakeup.descriptor, .readable, token: wakeupToken)
    }

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

    /// Changes what a source is watched for; a call that changes nothing costs no system call. Where that is nothing, it is
    /// not told of a hang-up either, which the kernel would tell in every turn. Of a removed source, it is ignored.
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
        var ready: [Token] = []
        swap(&ready, &self.ready)
        defer {
            ready.removeAll(keepingCapacity: true)
            swap(&ready, &self.ready)
        }
        let mayWait = strangers.isEmpty && !work.hasWork
        try poller.wait(milliseconds: mayWait ? timeout(before: work.nextWork) : 0, into: &ready)
        now = .now
        for token in ready {
            if token == wakeupToken {
                wakeup.acknowledge()
            } else if let source = registration(of: token)?.source {
                if source.isEstablished { source.ready() } else { queueStranger(token) }
            }
        }
        work.turn()
        if let nextDeadline, nextDeadline <= now { passDeadlines() }
        if !strangers.isEmpty { serveStrangers() }
    }

    /// `nil` where the source was removed, and the descriptor may be another's by now.
    private func registration(of token: Token) -> Registration? {
        guard token.place < registrations.count, let registration = registrations[token.place],
            registration.token == token
        else { return nil }
        return registration
    }

    private func passDeadlines() {
        while let token = timers.popPassed(at: now) {
            registration(of: token)?.source.deadlinePassed()
        }
        nextDeadline = timers.next
    }

    private func queueStranger(_ token: Token) {
        guard registration(of: token)?.isWaiting == false else { return }
        registrations[token.place]?.isWaiting = true
        strangers.append(token)
    }

    /// Each in its turn: who has waited since an earlier turn comes first.
    private func serveStrangers() {
        let end = Instant.now + Self.strangersShare
        repeat {
            guard let token = strangers.popFirst() else { return }
            guard let source = registration(of: token)?.source else { continue }
            registrations[token.place]?.isWaiting = false
            source.ready()
        } while .now < end
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
